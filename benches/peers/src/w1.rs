//! Workload W1, on the scale of a receptor model: a ligand, three chains and their complexes on the
//! surface and in the endosome; 20 states, 41 fluxes, stiff. The network is invented for timing and
//! has no biological meaning.

use crate::workload::{Builder, Workload};
use il2_engine::lane::Lane;

const PARTS: [&str; 9] = ["A", "B", "G", "LA", "LB", "LAB", "LBG", "LAG", "LABG"];

/// Concentration (pM) in the medium for one molecule per cell at 1e9 cells per litre.
const PM: f64 = 1e9 * 1e12 / 6.02214076e23;

/// The network, and simulations from rows of `sA, fB, L0`.
pub fn workload() -> Workload {
    let mut b = Builder::default();
    b.species("L", 0.0);
    PARTS.iter().for_each(|part| b.species(part, 0.0));
    PARTS.iter().for_each(|part| b.species(&format!("{part}i"), 0.0));
    b.species("Li", 0.0);
    for (name, value) in [
        ("sA", 30.0),
        ("sB", 20.0),
        ("sG", 15.0),
        ("fB", 1.0),
        ("kf", 0.6e-3 * PM),
        ("kx", 0.0045),
        ("kA", 6.0),
        ("kB0", 86.4),
        ("kAB0", 1.0),
        ("gLB", 1.0),
        ("gLA", 5.0),
        ("gLAB", 0.2),
        ("kfi", 0.0996),
        ("kxi", 0.0135),
        ("ph", 5.0),
        ("ke", 0.08),
        ("kes", 1.0),
        ("krec", 0.12),
        ("kdeg", 0.03),
        ("kdc", 0.06),
        ("krc", 0.02),
        ("kdl", 0.08),
        ("krl", 0.10),
    ] {
        b.parameter(name, value);
    }
    b.define("kB", "kB0*fB");
    b.define("oAB_B", "kAB0*fB");
    b.define("oAB_A", "kA*oAB_B/kB");
    b.define("oABG_B", "oAB_B*gLAB/gLA");
    b.define("oABG_A", "oAB_A*gLAB/gLB");
    for (i, l, on, x, ph) in [("", "L", "kf", "kx", ""), ("i", "Li", "kfi", "kxi", "ph*")] {
        let mut bind = |law: String, from: [&str; 2], to: &str| {
            let name = |s: &str| if s == l { l.to_string() } else { format!("{s}{i}") };
            b.flux(&law, &[(&name(from[0]), -1.0), (&name(from[1]), -1.0), (&name(to), 1.0)]);
        };
        bind(format!("{on}*{l}*A{i}-{ph}kA*LA{i}"), [l, "A"], "LA");
        bind(format!("{on}*{l}*B{i}-{ph}kB*LB{i}"), [l, "B"], "LB");
        bind(format!("{x}*LA{i}*B{i}-oAB_B*LAB{i}"), ["LA", "B"], "LAB");
        bind(format!("{x}*LB{i}*A{i}-oAB_A*LAB{i}"), ["LB", "A"], "LAB");
        bind(format!("{x}*LA{i}*G{i}-gLA*LAG{i}"), ["LA", "G"], "LAG");
        bind(format!("{x}*LB{i}*G{i}-gLB*LBG{i}"), ["LB", "G"], "LBG");
        bind(format!("{x}*LAB{i}*G{i}-gLAB*LABG{i}"), ["LAB", "G"], "LABG");
        bind(format!("{x}*LAG{i}*B{i}-oABG_B*LABG{i}"), ["LAG", "B"], "LABG");
        bind(format!("{x}*LBG{i}*A{i}-oABG_A*LABG{i}"), ["LBG", "A"], "LABG");
    }
    for chain in ["A", "B", "G"] {
        b.flux(&format!("s{chain}"), &[(chain, 1.0)]);
    }
    for part in PARTS {
        let inward = if ["LBG", "LABG"].contains(&part) { "kes" } else { "ke" };
        let (back, lost) =
            if ["A", "B", "G"].contains(&part) { ("krec", "kdeg") } else { ("krc", "kdc") };
        let inside = format!("{part}i");
        b.flux(&format!("{inward}*{part}-{back}*{inside}"), &[(part, -1.0), (&inside, 1.0)]);
        b.flux(&format!("{lost}*{inside}"), &[(&inside, -1.0)]);
    }
    b.flux("krl*Li", &[("Li", -1.0), ("L", 1.0)]);
    b.flux("kdl*Li", &[("Li", -1.0)]);
    Workload { network: b.network, lane, varied: &["sA", "fB", "L0"] }
}

/// Starts from the ligand-free steady state, which has a closed form, with the dose in the medium.
fn lane(workload: &Workload, row: &[f64]) -> Lane {
    let network = &workload.network;
    let id = |name: &str| network.parameter_named(name).expect("a parameter");
    let parameters = network.parameter_values(&[(id("sA"), row[0]), (id("fB"), row[1])]);
    let p = |name: &str| parameters[id(name).0];
    let mut initial = vec![0.0; network.species.len()];
    for chain in ["A", "B", "G"] {
        let inside = p(&format!("s{chain}")) / p("kdeg");
        let s = |name: &str| network.species_named(name).expect("a species").0;
        initial[s(chain)] = (p(&format!("s{chain}")) + p("krec") * inside) / p("ke");
        initial[s(&format!("{chain}i"))] = inside;
    }
    initial[0] = row[2];
    let times = vec![15.0, 60.0, 120.0, 240.0, 480.0, 720.0, 1080.0, 1440.0];
    Lane { parameters, initial, times, ..Lane::default() }
}
