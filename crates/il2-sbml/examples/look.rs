fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        println!("== {path}");
        let model = match il2_sbml::read(&text) { Ok(m) => m, Err(e) => { println!("ERR {e}"); continue } };
        let network = match il2_sbml::network(&model) { Ok(m) => m, Err(e) => { println!("ERR {e}"); continue } };
        let a = il2_sbml::audit(&model, &network).unwrap();
        println!("{:?}", a.totals);
        for f in a.findings { println!("{:?} | {}: {}", f.kind, f.place, f.sentence); }
    }
}
