//! Reaction networks as data, and their simulation.
//!
//! This crate contains no biology: species, parameters, reactions and observables are names with
//! dimensions. The modules, in reading order:
//!
//! 1. [`dimension`]: the dimensions of numbers;
//! 2. [`expression`]: rate laws with exact derivatives, which refer to species and parameters by
//!    [`id`];
//! 3. [`network`]: species, parameters, reactions, observables;
//! 4. [`conservation`]: the totals that no reaction changes, and [`check`](mod@check): the checks
//!    of a network before it is run;
//! 5. [`lane`]: one copy of a network with its own parameters, events and output times, and
//!    [`course`]: such a copy while it runs;
//! 6. [`list`]: lists of operations without branches over lanes side by side, interpreted or as
//!    machine code, and [`program`]: a network flattened into such lists;
//! 7. [`rodas5p`]: the integration method, and [`ensemble`]: many lanes of a program at once;
//! 8. [`threads`]: the number of threads, which work until [`stop`] is requested; [`shard`]: one
//!    run divided over several machines;
//! 9. [`reference`](mod@reference): a slow, simple integrator against which all faster code is
//!    tested.
//!
//! In addition, [`math`] has functions with the same bits on every machine, and [`words`] formats
//! names in messages.
//!
//! A receptor that binds its ligand, in a thousand lanes of increasing dose:
//!
//! ```
//! use il2_engine::{Backend, Change, Dimension, Ensemble, Event, Expression};
//! use il2_engine::{Lane, Network, Program, Tolerance};
//!
//! let mut network = Network::default();
//! let plain = Dimension::DIMENSIONLESS;
//! let [ligand, receptor, complex] =
//!     ["ligand", "receptor", "complex"].map(|name| network.add_species(name, plain));
//! network.species[receptor.0].initial = Expression::Number(1.0);
//! let on = network.add_parameter("on", Dimension::RATE, 0.1);
//! let off = network.add_parameter("off", Dimension::RATE, 0.5);
//! network.add_reaction("bind", &[ligand, receptor], &[complex], on);
//! network.add_reaction("part", &[complex], &[ligand, receptor], off);
//! let totals = network.check()?;
//! assert_eq!(totals.len(), 2); // all ligand, all receptor
//!
//! let program = Program::new(&network, Backend::Fastest);
//! let parameters = network.parameter_values(&[]);
//! let lanes: Vec<Lane> = (0..1000)
//!     .map(|k| Lane {
//!         initial: network.initial_state(&parameters),
//!         parameters: parameters.clone(),
//!         events: vec![Event::new(1.0, Change::Add(ligand, 0.1 * f64::from(k)))],
//!         times: vec![0.5, 1000.0],
//!         ..Lane::default()
//!     })
//!     .collect();
//! for answer in Ensemble::new(&program, Tolerance::default()).run_all(&lanes) {
//!     let states = answer?.states;
//!     assert_eq!(states[0][complex.0], 0.0); // before the dose
//!     let (free, bound) = (states[1][ligand.0], states[1][complex.0]);
//!     assert!((bound * 5.0 - free * (1.0 - bound)).abs() < 1e-4 * (1.0 + free), "K_D is 0.5 / 0.1");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod check;
pub mod conservation;
pub mod course;
pub mod dependence;
pub mod dimension;
pub mod ensemble;
pub mod expression;
pub mod id;
pub mod lane;
pub mod linear;
pub mod list;
pub mod math;
pub mod network;
pub mod program;
pub mod reference;
pub mod rodas5p;
pub mod shard;
pub mod stop;
pub mod threads;
pub mod words;

pub use check::NetworkError;
pub use dimension::Dimension;
pub use ensemble::Ensemble;
pub use expression::{Expression, Shared, SharedKey, Trigonometric};
pub use id::{ObservableId, ParameterId, SpeciesId};
pub use lane::{Change, Event, Lane, LaneFailure, Stopped, Survey, Tolerance, Trajectory};
pub use list::backend::Backend;
pub use network::{Limits, Network};
pub use program::Program;
pub use threads::Threads;
