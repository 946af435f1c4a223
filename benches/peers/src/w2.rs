//! Workload W2, on the scale of a patient model: blood, lymph and tumour with three kinds of cells
//! each, their receptors, toxicity and a tumour; 40 states, 100 fluxes, 28 doses, 180 daily
//! outputs. The network is invented for timing and has no biological meaning.

use crate::workload::{Builder, Workload};
use il2_engine::lane::{Change, Event, Lane};
use il2_engine::network::SpeciesId;

const PLACES: [&str; 3] = ["b", "l", "t"];
const KINDS: [&str; 3] = ["r", "e", "k"];
const CELLS: [[f64; 3]; 3] = [[40.0, 400.0, 150.0], [200.0, 2000.0, 200.0], [300.0, 600.0, 60.0]];
const RECEPTORS: [f64; 3] = [480.0, 66.0, 99.0];
const VARIED: [&str; 12] =
    ["dose", "kel", "kint", "syr", "sye", "syk", "pr", "pe", "gT", "kk", "ksec", "Ke"];

/// The network, and simulations from rows of the varied parameters.
pub fn workload() -> Workload {
    let mut b = Builder::default();
    states(&mut b);
    parameters(&mut b);
    for t in PLACES {
        for c in KINDS {
            b.define(&format!("s{t}{c}"), &format!("C{t}{c}/(C{t}{c}+K{c})"));
            b.define(&format!("h{t}{c}"), &format!("s{t}{c}*s{t}{c}/(0.1+s{t}{c}*s{t}{c})"));
        }
        b.define(&format!("tot{t}"), &format!("N{t}r+N{t}e+N{t}k"));
    }
    b.define("lk", "1+lkm*K2");
    b.flux("kel*Lb", &[("Lb", -1.0)]);
    b.flux("kbp*lk*Lb-kpb*Lp", &[("Lb", -1.0), ("Lp", 1.0)]);
    b.flux("kbl*Lb-klb*Ll", &[("Lb", -1.0), ("Ll", 1.0)]);
    b.flux("kbt*lk*Lb-ktb*Lt", &[("Lb", -1.0), ("Lt", 1.0)]);
    b.flux("ksec*cv*den_l*Nle*D*60", &[("Ll", 1.0)]);
    b.flux("ksec*cv*den_t*Nte*D*60", &[("Lt", 1.0)]);
    cells(&mut b);
    b.flux("ksr*(Nbe*Rbe+Nbr*Rbr+Nbk*Rbk)*0.001", &[("sR", 1.0)]);
    b.flux("dsr*sR", &[("sR", -1.0)]);
    b.flux("gT*Tu*(1-Tu/TK)", &[("Tu", 1.0)]);
    b.flux("(kk*Nte*(0.2+ste)+ks*Ntk*stk)*Tu/(1+0.01*Ntr*(0.3+str))", &[("Tu", -1.0), ("Ag", 0.2)]);
    b.flux("0.002*Tu", &[("Ag", 1.0)]);
    b.flux("kag*Ag", &[("Ag", -1.0)]);
    b.flux("kD*Ag/(Ag+agh)", &[("D", 1.0)]);
    b.flux("kD*D", &[("D", -1.0)]);
    b.flux("k5*(Nlk*hlk+Nbk*hbk)", &[("V5", 1.0)]);
    b.flux("d5*V5", &[("V5", -1.0)]);
    b.flux("ep0*(1+V5*V5/(4+V5*V5)*5)", &[("Ep", 1.0)]);
    b.flux("kep*Ep", &[("Ep", -1.0), ("Eo", 1.0)]);
    b.flux("deo*Eo", &[("Eo", -1.0)]);
    b.flux("klk*(Nbk*hbk+Nbe*hbe)/(Klk+Nbk*hbk+Nbe*hbe)", &[("K1", 1.0)]);
    b.flux("klk*K1", &[("K1", -1.0), ("K2", 1.0)]);
    b.flux("klk*K2", &[("K2", -1.0)]);
    Workload { network: b.network, lane, varied: &VARIED }
}

fn states(b: &mut Builder) {
    for (name, value) in [("Lb", 0.5), ("Lp", 0.5), ("Ll", 1.0), ("Lt", 1.0)] {
        b.species(name, value);
    }
    for (t, cells) in PLACES.iter().zip(CELLS) {
        for (k, c) in KINDS.iter().enumerate() {
            b.species(&format!("N{t}{c}"), cells[k]);
            b.species(&format!("R{t}{c}"), RECEPTORS[k]);
            b.species(&format!("C{t}{c}"), 1.0);
        }
    }
    for (name, value) in [
        ("sR", 10.0),
        ("Tu", 1000.0),
        ("Ag", 100.0),
        ("D", 0.3),
        ("V5", 0.2),
        ("Ep", 50.0),
        ("Eo", 100.0),
        ("K1", 0.01),
        ("K2", 0.01),
    ] {
        b.species(name, value);
    }
}

#[rustfmt::skip]
fn parameters(b: &mut Builder) {
    for (name, value) in [
        ("dose", 4e4), ("kel", 0.4), ("kon", 0.072), ("koff", 0.8), ("kint", 2.0), ("syr", 60.0),
        ("sye", 8.0), ("syk", 12.0), ("kdR", 0.12), ("fmr", 6.0), ("fme", 4.0), ("fmk", 3.0),
        ("Kr", 40.0), ("Ke", 150.0), ("Kk", 100.0), ("pr", 0.04), ("pe", 0.05), ("pk", 0.04),
        ("dc", 0.008), ("dR", 0.003), ("kmig", 0.02), ("kret", 0.01), ("mgn", 6.0), ("kbp", 0.5),
        ("kpb", 0.3), ("kbl", 0.05), ("klb", 0.06), ("kbt", 0.03), ("ktb", 0.05), ("ksec", 2.0),
        ("cv", 1.66e-6), ("den_b", 1.0), ("den_l", 40.0), ("den_t", 10.0), ("gT", 0.0006),
        ("TK", 5000.0), ("kk", 2.0e-6), ("ks", 3e-5), ("agh", 200.0), ("kag", 0.02), ("kD", 0.03),
        ("k5", 0.01), ("d5", 0.1), ("kep", 0.02), ("ep0", 1.0), ("deo", 0.01), ("klk", 0.2),
        ("Klk", 200.0), ("lkm", 1.5), ("ksr", 0.002), ("dsr", 0.03),
    ] {
        b.parameter(name, value);
    }
}

fn cells(b: &mut Builder) {
    for (place, t) in PLACES.iter().enumerate() {
        for (kind, c) in KINDS.iter().enumerate() {
            let x = format!("{t}{c}");
            let (r, bound, n) = (format!("R{x}"), format!("C{x}"), format!("N{x}"));
            let bind = format!("kon*R{x}*L{t}-koff*C{x}");
            b.flux(&bind, &[(&r, -1.0), (&bound, 1.0)]);
            b.flux(&format!("cv*den_{t}*N{x}*({bind})"), &[(&format!("L{t}"), -1.0)]);
            b.flux(&format!("kint*C{x}"), &[(&bound, -1.0)]);
            b.flux(&format!("sy{c}*(1+fm{c}*h{x})"), &[(&r, 1.0)]);
            b.flux(&format!("kdR*R{x}"), &[(&r, -1.0)]);
            let room = [2500.0, 12000.0, 8000.0][place];
            b.flux(&format!("p{c}*N{x}*h{x}*(1-tot{t}/{room})"), &[(&n, 1.0)]);
            b.flux(&format!("dc*N{x}*(1-0.6*s{x})"), &[(&n, -1.0)]);
            let source = [0.3, 0.75, 0.1][place] * 0.008 * CELLS[place][kind];
            let more = if (*t, *c) == ("l", "e") { "*(1+D)" } else { "" };
            b.flux(&format!("{source}{more}"), &[(&n, 1.0)]);
        }
    }
    for c in KINDS {
        let (nb, nl, nt) = (format!("Nb{c}"), format!("Nl{c}"), format!("Nt{c}"));
        b.flux(&format!("kmig*(1+mgn*sb{c})*Nb{c}-kret*Nl{c}"), &[(&nb, -1.0), (&nl, 0.5)]);
        b.flux(&format!("0.3*kmig*(1+mgn*sb{c})*Nb{c}*Ag/(Ag+agh)"), &[(&nb, -1.0), (&nt, 0.6)]);
    }
}

/// Fourteen doses every 8 h, repeated from day 14; outputs at the middle of each of 180 days (h).
fn lane(workload: &Workload, row: &[f64]) -> Lane {
    let network = &workload.network;
    let given: Vec<_> = VARIED
        .iter()
        .zip(row)
        .map(|(name, &value)| (network.parameter_named(name).expect("a parameter"), value))
        .collect();
    let parameters = network.parameter_values(&given);
    let initial = network.initial_state(&parameters);
    let doses =
        (0..28).map(|k| if k < 14 { 8.0 * k as f64 } else { 336.0 + 8.0 * (k - 14) as f64 });
    let events = doses.map(|time| Event::new(time, Change::Add(SpeciesId(0), row[0]))).collect();
    let times = (0..180).map(|day| 12.0 + 24.0 * f64::from(day)).collect();
    Lane { parameters, initial, events, times, ..Lane::default() }
}
