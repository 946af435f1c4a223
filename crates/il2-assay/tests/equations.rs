//! Networks as equations of other programs: their text, read by a C compiler and by Python, gives the
//! slopes and observables that the network itself gives. Where there is no compiler or no Python,
//! that half is skipped and says so.

use il2_assay::equations::Program;
use il2_assay::networks::{About, AssayNetwork, networks};
use il2_engine::Network;
use il2_study::Library;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const STUDIES: [&str; 5] =
    ["02-time-course", "01-dose-response", "07-regimens", "11-culture", "12-activation"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Whether a program can be started.
fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("skipped: there is no {program}");
    }
    there
}

/// Slopes and observables of a network at a state.
fn wanted(network: &Network, parameters: &[f64], state: &[f64]) -> Vec<f64> {
    let mut slopes = vec![0.0; state.len()];
    for reaction in &network.reactions {
        let rate = network.law(reaction).value(state, parameters, 7.0);
        reaction.reactants.iter().for_each(|(s, n)| slopes[s.0] -= f64::from(*n) * rate);
        reaction.products.iter().for_each(|(s, n)| slopes[s.0] += f64::from(*n) * rate);
    }
    let scaled = slopes.iter().zip(&network.species);
    let scaled = scaled.map(|(slope, s)| slope * s.scale.value(state, parameters, 7.0));
    let observables = network.observables.iter().map(|o| o.value.value(state, parameters, 7.0));
    scaled.chain(observables).collect()
}

/// Every network of the studies, with a state at which nothing vanishes.
fn each_network(mut check: impl FnMut(&AssayNetwork, &[f64], &[f64])) {
    let mut count = 0;
    for study in STUDIES {
        let path = root().join(format!("studies/{study}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (_, plans) = il2_assay::plans::parse(&path, &text, Library::builtin()).unwrap();
        for (_, plan) in &plans {
            for one in networks(plan).iter().take(2) {
                let state: Vec<f64> = (0..one.initial.len())
                    .map(|k| one.initial[k] * 1.1 + 0.3 + 0.01 * k as f64)
                    .collect();
                check(one, &state, &wanted(&one.network, &one.parameters, &state));
                count += 1;
            }
        }
    }
    assert!(count >= 5, "{count}");
}

/// Compares numbers, one on each line, up to the rounding of sums in another order.
fn compare(printed: &[u8], wanted: &[f64], what: &str) {
    let found: Vec<f64> = String::from_utf8_lossy(printed)
        .lines()
        .map(|line| line.trim().parse().unwrap_or_else(|_| panic!("{what}: {line}")))
        .collect();
    assert_eq!(found.len(), wanted.len(), "{what}");
    // A slope may be a small difference of large rates.
    let size = wanted.iter().filter(|x| x.is_finite()).fold(0.0_f64, |most, x| most.max(x.abs()));
    for (k, (a, b)) in found.iter().zip(wanted).enumerate() {
        let near = (a - b).abs() <= 1e-10 * b.abs() + 1e-13 * size;
        assert!(near || a.is_nan() && b.is_nan() || a == b, "{what} {k}: {a}, not {b}");
    }
}

/// The lines after a heading of a mrgsolve model, to the next heading.
fn block<'a>(text: &'a str, head: &str) -> Vec<&'a str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(head)).skip(1);
    lines.take_while(|line| !line.starts_with('$')).filter(|line| !line.is_empty()).collect()
}

#[test]
fn mrgsolve_has_the_slopes_and_observables_of_the_network() {
    if !is_there("cc") {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    each_network(|one, state, wanted| {
        let text = one.equations(Program::Mrgsolve, &About::default());
        let species: Vec<&str> =
            text.lines().find_map(|line| line.strip_prefix("$CMT ")).unwrap().split(' ').collect();
        assert_eq!(species.len(), state.len());
        let mut code = String::from("#include <math.h>\n#include <stdio.h>\nint main(void) {\n");
        code += "double SOLVERTIME = 7.0; (void)SOLVERTIME;\n";
        block(&text, "$PARAM").iter().for_each(|line| writeln!(code, "double {line};").unwrap());
        for (name, value) in species.iter().zip(state) {
            writeln!(code, "double {name} = {value:?}; double dxdt_{name};").unwrap();
        }
        let starts = block(&text, "$MAIN");
        assert_eq!(starts.len(), state.len());
        block(&text, "$ODE").iter().for_each(|line| writeln!(code, "{line}").unwrap());
        let slopes = species.iter().map(|name| format!("dxdt_{name}"));
        let seen = block(&text, "$CAPTURE").into_iter().map(str::to_string);
        for name in slopes.chain(seen) {
            writeln!(code, "printf(\"%.17g\\n\", (double){name});").unwrap();
        }
        code += "return 0;\n}\n";
        let (source, program) = (scratch.path().join("m.c"), scratch.path().join("m"));
        std::fs::write(&source, code).unwrap();
        let made = Command::new("cc")
            .args(["-O0", "-o"])
            .args([&program, &source])
            .arg("-lm")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let ran = Command::new(&program).output().unwrap();
        compare(&ran.stdout, wanted, &one.what);
    });
}

/// Powers and choices as Python writes them, and the lines between two marks.
const PYTHON: &str = r#"
import re, sys
from math import exp, log, sin, cos, atan, nan, inf
NaN, Inf, t = nan, inf, 7.0
ifelse = lambda test, then, otherwise: then if test else otherwise
text, state, language = open(sys.argv[1]).read(), [float(x) for x in open(sys.argv[2])], sys.argv[3]
def power(formula):
    return formula.replace("^", "**")
names, out = {}, []
def put(name, formula):
    try:
        names[name] = eval(power(formula), globals(), names)
    except ZeroDivisionError:
        names[name] = nan
    return names[name]
if language == "rxode2":
    body = text[text.index("rxode2({") + 8:text.rindex("})")]
    lines = [line.strip().split(" = ", 1) for line in body.strip().splitlines()]
    species = [left[5:-1] for left, _ in lines if left.startswith("d/dt(")]
    names.update(zip(species, state))
    observables = []
    for left, right in lines:
        if left.startswith("d/dt("):
            out.append(put("slope " + left, right))
        elif left.endswith("(0)"):
            pass
        elif len(out) == len(species):
            observables.append(put(left, right))
        else:
            put(left, right)
    out += observables
else:
    given = text[text.index("parameters = (;"):text.index("function equations!")]
    for line in re.findall(r"^    (\S+) = (.*),$", given, re.M):
        put(*line)
    body = text[text.index("function equations!"):text.index("function observables")]
    species = re.search(r"^    \((.*),\) = u$", body, re.M).group(1).split(", ")
    names.update(zip(species, state))
    slopes = {}
    for left, right in re.findall(r"^    ([A-Za-z]\S*) = (.*)$", body, re.M):
        if left.startswith("du["):
            out.append(put("slope " + left, right))
        else:
            put(left, right)
    body = text[text.index("function observables"):text.index("start = [")]
    listed = re.findall(r"^    \(; (.*)\)$", body, re.M)[-1]
    for left, right in re.findall(r"^    ([A-Za-z]\S*) = (.*)$", body, re.M):
        put(left, right)
    out += [names[name] for name in listed.split(", ")]
    assert len(text[text.index("start = [") + 9:text.index("]", text.index("start = ["))].split(", ")) == len(state)
print("\n".join(repr(x) for x in out))
"#;

#[test]
fn rxode2_and_julia_have_the_slopes_and_observables_of_the_network() {
    if !is_there("python3") {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    std::fs::write(at("read.py"), PYTHON).unwrap();
    each_network(|one, state, wanted| {
        let numbers: Vec<String> = state.iter().map(|x| format!("{x:?}")).collect();
        std::fs::write(at("state"), numbers.join("\n")).unwrap();
        for (program, name) in [(Program::Rxode2, "rxode2"), (Program::Julia, "julia")] {
            std::fs::write(at("model"), one.equations(program, &About::default())).unwrap();
            let python = Command::new("python3")
                .args([at("read.py"), at("model"), at("state")])
                .arg(name)
                .output()
                .unwrap();
            assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
            compare(&python.stdout, wanted, &format!("{} in {name}", one.what));
        }
    });
}
