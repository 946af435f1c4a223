//! Models in the Systems Biology Markup Language (SBML), levels 2 and 3.
//!
//! From the file to the answer:
//!
//! 1. [`read`](mod@read): reads text into a [`model`] (plain data) with formulas ([`math`]) and
//!    [`units`];
//! 2. [`rates`]: rates of change as formulas; algebraic rules are solved;
//! 3. [`evaluate`]: the initial values of a model;
//! 4. [`network`](mod@network): the model as a network of the engine;
//! 5. [`simulate`](mod@simulate): simulation of the network, from one event to the next;
//! 6. [`audit`](mod@audit): what is conserved, where mass is lost, which units disagree, and which
//!    elements are unused;
//! 7. [`write`](mod@write): a network of the engine written as an SBML file.
//!
//! ```
//! let model = il2_sbml::read(r#"
//!     <sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
//!       <model>
//!         <listOfParameters>
//!           <parameter id="x" value="8" constant="false"/>
//!         </listOfParameters>
//!         <listOfRules>
//!           <rateRule variable="x">
//!             <math xmlns="http://www.w3.org/1998/Math/MathML">
//!               <apply><times/><cn>-0.5</cn><ci>x</ci></apply>
//!             </math>
//!           </rateRule>
//!         </listOfRules>
//!       </model>
//!     </sbml>"#)?;
//! let network = il2_sbml::network(&model)?;
//! let run = il2_sbml::Run { times: vec![0.0, 2.0], ..Default::default() };
//! let found = il2_sbml::simulate(&model, &network, &run)?;
//! let x = found.of("x").expect("a symbol of the model");
//! assert!((x[1] - 8.0 * il2_engine::math::exp(-1.0)).abs() < 1e-6);
//! # Ok::<(), il2_sbml::SbmlError>(())
//! ```

pub mod audit;
pub mod error;
pub mod evaluate;
pub mod math;
pub mod model;
pub mod network;
pub mod rates;
pub mod read;
pub mod simulate;
pub mod units;
mod words;
pub mod write;

pub use audit::{Audit, audit};
pub use error::SbmlError;
pub use model::Model;
pub use network::SbmlNetwork;
pub use simulate::{Dose, Found, Jump, Run, Stopped, simulate};
pub use units::AVOGADRO;
pub use write::{About, write};

/// Reads a model from the text of its file and solves its algebraic rules.
pub fn read(text: &str) -> Result<Model, SbmlError> {
    let mut model = read::read(text)?;
    rates::solve_algebraic_rules(&mut model)?;
    Ok(model)
}

/// The model as a network of the engine.
pub fn network(model: &Model) -> Result<SbmlNetwork, SbmlError> {
    network::build::build(model)
}
