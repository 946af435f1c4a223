//! The sentences of one run of each kind of assay, compared with its own tables: the numbers in the
//! sentences are recomputed here from rows.

use il2::quantity::{readable_concentration, three_digits};
use il2_answer::AssayResult;
use il2_answer::sentence::{number, percent};
use il2_output::table::Table;
use il2_study::study::tables::Tables;
use il2_study::{Library, Study};
use std::path::Path;

fn run_asking(question: &str, text: &str, tables: &[(&str, &str)]) -> AssayResult {
    let text = format!("version = 1\nquestion = \"{question}\"\n{text}");
    let study = Study::parse(Path::new("test.toml"), &text, Library::builtin()).unwrap();
    let carried = tables.iter().map(|(name, table)| (name.to_string(), table.to_string()));
    let study = Study { tables: Tables::Carried(carried.collect()), ..study };
    il2_assay::kinds::plan(&study, "a").unwrap().run(&study, &|_| {})
}

fn run_with(text: &str, tables: &[(&str, &str)]) -> AssayResult {
    run_asking("What is the answer?", text, tables)
}

fn run(text: &str) -> AssayResult {
    run_with(text, &[])
}

fn rows(table: &Table) -> std::ops::Range<usize> {
    0..table.rows()
}

/// The weighted median, which for few patients is halfway between the two middle values.
fn median(mut values: Vec<(f64, u64)>) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: Vec<f64> =
        values.iter().flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect();
    0.5 * (all[(all.len() - 1) / 2] + all[all.len() / 2])
}

/// The number that follows a word in a sentence.
fn after(text: &str, word: &str) -> f64 {
    let behind = text.split_once(word).unwrap_or_else(|| panic!("{word} in {text}")).1;
    let end = behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len());
    behind[..end].trim_end_matches('.').parse().unwrap_or_else(|_| panic!("{word} in {text}"))
}

#[test]
fn a_dose_response_tells_the_cell_that_lies_furthest_from_the_reference() {
    let result = run(
        "[ligands.native]\nfrom = \"il2\"\n[ligands.blind]\nfrom = \"il2-cd25-blind\"\n\
         [cells.treg]\nfrom = \"treg\"\n[cells.cd4]\nfrom = \"cd4_effector\"\n[cells.nk]\nfrom = \"nk\"\n\
         [cells.cd8]\nfrom = \"cd8\"\n[assay.a]\nkind = \"dose-response\"\nreference_cell = \"treg\"\n\
         doses = { from = \"0.01 nM\", to = \"100 nM\", points = 12 }\ntimes = [\"1 h\"]\n",
    );
    let table = &result.tables[1];
    let ec50 = |ligand: &str, cell: &str| {
        let row = rows(table)
            .find(|r| table.text(*r, "ligand") == ligand && table.text(*r, "cell") == cell);
        table.number(row.unwrap(), "ec50_pm")
    };
    let base = ec50("native", "treg");
    let far = |cell: &&str| (ec50("native", cell) / base).ln().abs();
    let other = ["cd4", "nk", "cd8"].into_iter().max_by(|a, b| far(a).total_cmp(&far(b))).unwrap();
    assert_eq!(other, "nk", "neither the first nor the last of the cells");
    let fold = |ligand: &str| three_digits(ec50(ligand, other) / ec50(ligand, "treg"));
    assert_eq!(
        result.sentences,
        [
            format!(
                "Judged by the EC50 of signalling complexes after 1 h, native is {}-fold more potent on treg than on {other}; of 3 \
                 other cells, {other} differs most from treg. blind is {}-fold more potent on treg.",
                fold("native"),
                fold("blind")
            ),
            format!(
                "On treg, the EC50 of native is {}, which is {} nM; blind needs {} times this \
                 dose; no intervals were requested.",
                readable_concentration(base),
                three_digits(base / 1000.0),
                three_digits(ec50("blind", "treg") / base)
            ),
        ]
    );
}

#[test]
fn a_time_course_tells_how_much_of_a_dose_is_used() {
    let result = run(
        "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n[culture]\nvolume = \"0.2 mL\"\n\
         cells = \"200000 cells\"\n[assay.a]\nkind = \"time-course\"\ndoses = [\"20 pM\"]\n\
         times = [\"0 h\", \"6 h\"]\nshow = [\"signalling_complexes\", \"il2_medium\"]\n",
    );
    let table = &result.tables[0];
    let last = rows(table).rfind(|r| table.number(*r, "time_min") == 360.0).unwrap();
    let left = table.number(last, "il2_medium_pm");
    let used = 1.0 - left / 20.0;
    assert!((0.02..0.45).contains(&used), "what is used and what is left must differ: {used}");
    let said = &result.sentences[0];
    assert!(
        said.starts_with(&format!("il2, 20 pM: {} of the ligand was used by 6 h", percent(used))),
        "{said}"
    );
    assert!(said.contains("; signalling complexes peak at "), "{said}");
    let peak = after(said, "peak at ");
    assert!(peak > table.number(last, "signalling_complexes_per_cell"), "{said}");
}

#[test]
fn a_washout_tells_the_half_life_of_the_signal() {
    let result = run(
        "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n[assay.a]\nkind = \"washout\"\n\
         doses = [\"1 nM\"]\npulse = \"30 min\"\ntimes = { from = \"0 min\", to = \"240 min\", points = 241 }\n\
         show = [\"signalling_complexes\"]\n",
    );
    let table = &result.tables[0];
    let at = |time: f64| {
        let row = rows(table).find(|r| table.number(*r, "time_min") == time).unwrap();
        table.number(row, "signalling_complexes_per_cell")
    };
    let half = (30..=240).map(f64::from).find(|t| at(*t) <= 0.5 * at(30.0)).unwrap() - 30.0;
    let [said] = &result.sentences[..] else { panic!("{:?}", result.sentences) };
    assert!(said.starts_with("After the wash, signalling complexes halved in "), "{said}");
    assert!(said.ends_with(" min for il2, 1 nM."), "{said}");
    let told = after(said, "halved in ");
    // Between the first output below half and the one before it; the sentence gives three digits.
    assert!(told <= half && told > half - 1.05, "{said} {half}");
}

#[test]
fn a_receptor_sweep_tells_every_ligand() {
    let result = run(
        "[ligands.il2]\nfrom = \"il2\"\n[ligands.blind]\nfrom = \"il2-cd25-blind\"\n[ligands.il15]\n\
         from = \"il15\"\n[cells.cd4]\nfrom = \"cd4_effector\"\n[assay.a]\nkind = \"receptor-sweep\"\n\
         chain = \"il2r_alpha\"\nnumbers = [\"10 /cell\", \"10000 /cell\"]\n\
         doses = { from = \"0.1 pM\", to = \"1 uM\", points = 15 }\ntime = \"1 h\"\n",
    );
    let table = &result.tables[0];
    let ec50 = |ligand: &str, number: f64| {
        let own = rows(table).find(|r| {
            table.text(*r, "ligand") == ligand && table.number(*r, "il2r_alpha_per_cell") == number
        });
        readable_concentration(table.number(own.unwrap(), "ec50_pm"))
    };
    assert_eq!(result.sentences.len(), 3, "{:?}", result.sentences);
    let first = format!(
        "il2 on cd4: the EC50 falls from {} at 10 CD25 per cell to {} at 10000",
        ec50("il2", 10.0),
        ec50("il2", 10_000.0)
    );
    assert!(result.sentences[0].starts_with(&first), "{:?}", result.sentences);
    assert_eq!(
        result.sentences[1],
        format!(
            "From 10 to 10000 CD25 per cell, the EC50 does not change: {} for blind on cd4 and {} \
             for il15 on cd4.",
            ec50("blind", 10.0),
            ec50("il15", 10.0)
        )
    );
    assert!(result.sentences[2].starts_with("A sweep computes no intervals"));
}

#[test]
fn an_affinity_sweep_tells_its_best_place() {
    let result = run(
        "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n[cells.nk]\nfrom = \"nk\"\n\
         [assay.a]\nkind = \"affinity-sweep\"\nligand = \"il2\"\ncells = [\"treg\", \"nk\"]\n\
         alpha = [\"1 nM\", \"30 nM\", \"10 uM\"]\nbeta = [\"10 nM\", \"300 nM\"]\n\
         doses = { from = \"0.1 pM\", to = \"1 uM\", points = 12 }\ntime = \"1 h\"\n",
    );
    let table = &result.tables[0];
    let ratio = |row: &usize| table.number(*row, "ec50_nk_over_treg");
    let best = rows(table).max_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap();
    let others = rows(table).filter(|r| *r != best).map(|r| ratio(&r)).fold(0.0, f64::max);
    assert!(ratio(&best) > 1.05 * others, "one place is best");
    let at = |column: &str| readable_concentration(table.number(best, column));
    let said = format!(
        "The preference for treg over nk is largest, {}-fold (EC50 on nk over that on treg), at K_D alpha {} and K_D \
         beta {}",
        three_digits(ratio(&best)),
        at("kd_alpha_pm"),
        at("kd_beta_pm")
    );
    assert!(result.sentences[0].starts_with(&said), "{:?} {said}", result.sentences);
    assert!(result.sentences[2].ends_with("it uses only the best estimates."));
    // The unchanged ligand in a separate dose-response assay.
    let own = run(
        "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n[cells.nk]\nfrom = \"nk\"\n\
         [assay.a]\nkind = \"dose-response\"\ntimes = [\"1 h\"]\n\
         doses = { from = \"0.1 pM\", to = \"1 uM\", points = 12 }\n",
    );
    let ratio = three_digits(own.tables[1].number(1, "ec50_over_treg"));
    let said = &result.sentences[1];
    assert!(said.starts_with("With its own affinities (K_D alpha "), "{said}");
    assert!(said.ends_with(&format!("), il2 has a preference of {ratio}-fold.")), "{said} {ratio}");
}

#[test]
fn a_sweep_whose_simulations_fail_says_so_and_not_that_it_has_no_ec50() {
    let failing = |assay: &str| {
        let text = format!(
            "version = 1\nquestion = \"Why not?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\n\
             from = \"treg\"\n[assay.a]\n{assay}\ndoses = [\"1 pM\", \"30 pM\", \"1 nM\"]\ntime = \"1 h\"\n"
        );
        let mut study = Study::parse(Path::new("test.toml"), &text, Library::builtin()).unwrap();
        study.tolerance.most_steps = 3;
        il2_assay::kinds::plan(&study, "a").unwrap().run(&study, &|_| {}).sentences.join(" ")
    };
    let map = "kind = \"affinity-sweep\"\nligand = \"il2\"\ncells = [\"treg\"]\n\
               alpha = [\"1 nM\", \"30 nM\"]\nbeta = [\"10 nM\", \"300 nM\"]";
    let numbers = "kind = \"receptor-sweep\"\nchain = \"il2r_alpha\"\nnumbers = [\"10 /cell\", \"1000 /cell\"]";
    for (said, all) in [
        (failing(map), "At 4 of 4 points a simulation failed ("),
        (failing(numbers), "at 2 of 2 numbers a simulation failed: "),
    ] {
        assert!(said.contains(all), "{said}");
    }
}

#[test]
fn an_event_table_compares_its_subjects() {
    let table = "ID,TIME,EVID,AMT\n1,0,1,5\n1,1,0,0\n1,4,0,0\n1,12,0,0\n2,0,1,20\n2,1,0,0\n2,4,0,0\n\
                 2,12,0,0\n";
    let result = run_with(
        "[assay.a]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"one-compartment\"\n\
         units = { time = \"h\", amount = \"mg\", concentration = \"mg/L\" }\n\
         parameters = { clearance = \"2 L/h\", volume = \"10 L\" }\n",
        &[("doses.csv", table)],
    );
    // By hand: dose / volume, dose / clearance minus the part after 12 h, and ln 2 times V / CL.
    let seen = 1.0 - (-0.2_f64 * 12.0).exp();
    assert_eq!(
        result.sentences,
        [
            "Cmax: 0.500 mg/L at 0 h (subject 1) and 2 mg/L at 0 h (subject 2); the values differ \
             4-fold."
                .to_string(),
            format!(
                "AUC (0 to 12 h): {} mg h/L (subject 1) and {} mg h/L (subject 2); the values \
                 differ 4-fold.",
                three_digits(2.5 * seen),
                three_digits(10.0 * seen)
            ),
            "Half-life: 3.47 h in all 2.".to_string(),
        ]
    );
}

const ARMS: &str = "[ligands.drug]\nfrom = \"aldesleukin\"\n\
    [regimens.low]\nligand = \"drug\"\ndose = \"0.5 MIU/m2\"\nroute = \"subcutaneous\"\nevery = \"1 d\"\n\
    doses = 5\n[regimens.high]\nligand = \"drug\"\ndose = \"600000 IU/kg\"\nroute = \"infusion\"\n\
    duration = \"15 min\"\nevery = \"8 h\"\ndoses = 6\n[assay.a]\nkind = \"regimen\"\n\
    times = [\"0 d\", \"3 d\", \"6 d\"]\nshow = [\"treg_fold\"]\n";

/// For each patient of an arm: the weight and a number.
fn of_arm(people: &Table, arm: &str, column: &str) -> Vec<(f64, u64)> {
    let own = rows(people).filter(|r| people.text(*r, "arm") == arm);
    own.map(|r| (people.number(r, column), people.number(r, "counted") as u64)).collect()
}

#[test]
fn arms_of_a_regimen_are_compared_patient_by_patient() {
    let result = run(&format!("{ARMS}patients = 9\n"));
    let people = &result.tables[1];
    let peaks = ["high", "low"].map(|arm| of_arm(people, arm, "highest_treg_fold"));
    let medians = peaks.clone().map(median);
    let [above, below] = if medians[0] > medians[1] { [0, 1] } else { [1, 0] };
    let ratios = peaks[above].iter().zip(&peaks[below]).map(|(a, b)| (a.0 / b.0, 1)).collect();
    let (own, of_medians) = (median(ratios), medians[above] / medians[below]);
    assert!(
        (own / of_medians - 1.0).abs() > 5e-3,
        "a test of which ratio it is: {own} {of_medians}"
    );
    let names = ["high", "low"];
    let said = format!("within patients, the highest value was {} times (", three_digits(own));
    let all = result.sentences.join(" ");
    assert!(all.contains(&said), "{said} in {all}");
    let arms = format!(" as high under {} as under {}", names[above], names[below]);
    assert!(all.contains(&arms), "{all}");
    assert!(all.contains(&format!(" {} times baseline (", number(medians[above]))), "{all}");
    assert!(all.contains("in parentheses: the central 90 % of patients."), "{all}");
    // The readout first falls under the high doses, which is reported before the peaks.
    assert!(result.sentences[0].contains(" fell to 0."), "{all}");
}

#[test]
fn every_readout_that_a_study_asks_about_is_told_of_its_patients() {
    let asked =
        ARMS.replace("show = [\"treg_fold\"]", "show = [\"treg_fold\", \"lymphocytes_fold\"]");
    let result =
        run(&format!("{asked}patients = 9\nanswer = [\"lymphocytes_fold\", \"treg_fold\"]\n"));
    let people = &result.tables[1];
    let told = |readout: &str| -> String {
        let own = result.sentences.iter().filter(|s| s.contains(readout));
        own.cloned().collect::<Vec<_>>().join(" ")
    };
    for (readout, column) in [
        (", lymphocytes ", "highest_lymphocytes_fold"),
        (", lymphocytes ", "lowest_lymphocytes_fold"),
        (", treg ", "highest_treg_fold"),
    ] {
        let all = told(readout);
        let median = number(median(of_arm(people, "high", column)));
        assert!(all.contains(&format!(" {median} times baseline (")), "{median} {column} in {all}");
    }
    assert!(result.sentences[0].contains(", lymphocytes "), "in the order of the study");
    // Without `answer`, the readout named in the question is reported.
    let text = format!("{asked}patients = 1\n");
    let first = |question: &str| run_asking(question, &text, &[]).sentences[0].clone();
    assert!(first("Do lymphocyte counts rise?").contains("ymphocytes "));
    assert!(first("What happens?").contains("reg "));
}

#[test]
fn what_stays_is_counted_patient_by_patient() {
    let faint = ARMS.replace("0.5 MIU/m2", "0.1 MIU/m2").replace("treg_fold", "lymphocytes_fold");
    let result = run(&format!("{faint}patients = 30\n"));
    let people = &result.tables[1];
    let own = of_arm(people, "low", "highest_lymphocytes_fold");
    let stay = own.iter().filter(|(highest, _)| *highest <= 1.05).count() as f64 / 30.0;
    assert!(stay > 0.5 && stay < 1.0, "a test of a part of the patients: {stay}");
    let all = result.sentences.join(" ");
    let said = format!("did not rise by more than 5 % in {} of patients", percent(stay));
    assert!(all.contains(&said), "{said} in {all}");
}

#[test]
fn the_weights_of_a_virtual_population_count_in_its_sentences() {
    let result = run(&format!(
        "{ARMS}patients = 100\n[assay.a.population]\nmethod = \"walk\"\n\
         [[assay.a.population.targets]]\nregimen = \"low\"\nreadout = \"treg_fold\"\ntime = \"6 d\"\n\
         range = [\"1.2\", \"1.9\"]\n"
    ));
    let people = &result.tables[1];
    let [high, low] = ["high", "low"].map(|arm| of_arm(people, arm, "highest_treg_fold"));
    let alike = |all: &[(f64, u64)]| median(all.iter().map(|(v, _)| (*v, 1)).collect());
    let of = |weighted: bool| -> f64 {
        let own = high.iter().zip(&low);
        median(own.map(|(a, b)| (a.0 / b.0, if weighted { a.1 } else { 1 })).collect())
    };
    let up = if median(high.clone()) > median(low.clone()) { 1.0 } else { -1.0 };
    let [weighted, plain] = [of(true), of(false)].map(|ratio| ratio.powf(up));
    assert!(three_digits(weighted) != three_digits(plain), "weights matter: {weighted} {plain}");
    assert!(three_digits(alike(&low)) != three_digits(median(low.clone())));
    let all = result.sentences.join(" ");
    let (above, below) = if up > 0.0 { ("high", "low") } else { ("low", "high") };
    let said = format!("within patients, the highest value was {} times (", three_digits(weighted));
    assert!(all.contains(&format!(" as high under {above} as under {below}")), "{all}");
    assert!(all.contains(&said), "{said} in {all}");
    assert!(
        all.contains(&format!("{} times baseline", three_digits(median(low.clone())))),
        "{all}"
    );
}

#[test]
fn a_fit_tells_its_numbers_and_that_they_have_no_interval() {
    let wells = "cell,dose,time,value\nnk,0.05,1,20\nnk,1,1,150\nnk,20,1,300\n";
    let result = run_with(
        "[ligands.il2]\nfrom = \"il2\"\n[cells.nk]\nfrom = \"nk\"\n[assay.a]\nkind = \"fit\"\nstarts = 1\n\
         chains = 0\nprofiles = false\n[assay.a.parameters]\n\
         k_internalise = { prior = [\"0.02 /min\", \"0.4 /min\"] }\n[assay.a.measured.wells]\n\
         table = \"wells.csv\"\nof = \"wells\"\nreadout = \"signalling_complexes\"\n\
         units = { dose = \"nM\", time = \"h\", value = \"/cell\" }\n",
        &[("wells.csv", wells)],
    );
    let table = &result.tables[0];
    let best = table.number(0, "best");
    let said = format!(
        "Best fit: k_internalise = {} /min; without chains and profiles, there are no intervals.",
        number(best)
    );
    assert_eq!(result.sentences[0], said);
    // Curves of the best fit are drawn between the rows, in the study's unit, with the study's
    // hash.
    let (_, figure) = &result.figures[0];
    assert!(figure.footnote.starts_with("study "), "{}", figure.footnote);
    assert_eq!(figure.panels[0].x.title(), "dose (nM)");
    let il2_output::figure::Content::Lines(all) = &figure.panels[0].content else { panic!() };
    let (ends, points) = (&all[0].points[0], &all[0].points);
    assert!(points.len() > 50 && (ends.0 - 0.05).abs() < 1e-9, "{points:?}");
    assert!(points.windows(2).all(|p| p[0].0 < p[1].0 || p[0] == p[1]), "{points:?}");
}

#[test]
fn counts_of_a_study_are_drawn_as_widely_as_it_says_and_else_are_said_to_be_exact() {
    // Without the experiment factor, which would mask the effect of receptor counts.
    let of = |more: &str| {
        let text = format!(
            "[ligands.il2]\nfrom = \"il2\"\n[cells.ours]\nfrom = \"treg\"\n\
             receptors = {{ il2r_alpha = \"3000 /cell\", il2r_beta = \"600 /cell\", gamma_c = \"9000 /cell\" }}\n\
             {more}[models.m]\nfrom = \"gamma-chain\"\nparameters = {{ experiment_factor = \"1\" }}\n\
             [assay.a]\nkind = \"dose-response\"\nmodel = \"m\"\n\
             doses = {{ from = \"0.1 pM\", to = \"100 nM\", points = 13 }}\n\
             times = [\"1 h\"]\nintervals = {{ draws = 60 }}\n"
        );
        let result = run(&text);
        let table = &result.tables[1];
        let ends = ["ec50_low_pm", "ec50_high_pm"].map(|column| table.number(0, column));
        (ends[1] / ends[0], result.text)
    };
    let (exact, said) = of("");
    assert!(said.contains("Counts set in the study (on ours) are taken as exact"), "{said}");
    let (some, said) = of("uncertainty = { il2r_alpha = \"80 %\", il2r_beta = \"80 %\" }\n");
    // One of three is still held fixed, and the answer says so.
    assert!(said.contains("(on ours) are taken as exact") && some > 1.2 * exact, "{some} {exact}");
    let (all, said) =
        of("uncertainty = { il2r_alpha = \"80 %\", il2r_beta = \"80 %\", gamma_c = \"0.1\" }\n");
    assert!(!said.contains("exact") && all > 1.2 * exact, "{all} {exact}");
}
