//! CD4 cells that meet antigen at different times and share one medium: the model of Tkach et al. 2014 (eLife).
//!
//! For each simulated cell i, which represents many: CD25 a, CD122 with gamma_c b, complexes c,
//! acceleration B. With C(x, y, K) = (s - sqrt(s^2 - 4 x y)) / 2, s = x + y + K, and H(u) a step at
//! u = 1:
//!
//! ```text
//! T_i  = C(receptors, antigen / cells that meet it, K)             0 before its time
//! R_i  = C(a, b, K)              P_i = c / (half + c) / (1 + inhibition T_i)
//! a'   = k (by_antigen H(T_i) + by_signal P_i - a)                  b' = k (rest + (more - rest) H(T_i) - b)
//! c'   = k_on L (R_i - c) - k_e c
//! B'   = (by_antigen T_i + by_itself B) (1 - B / full)
//! L'   = sum over cells of secretion (1 + most B / full) H(T_i / (1 + inhibition P_i)) - k_on L (R_i - c)
//! antigen' = - k_a sum over cells of T_i
//! ```
//!
//! Antigen inhibits the signal of interleukin-2, and this signal ends secretion (the cross-talk); a
//! cell that secretes interleukin-2 secretes more of it with time (the acceleration). Without these
//! two, a well no longer tracks its antigen; this is the model of Feinerman et al. 2010, in which
//! Treg compete. If an antibody blocks the antigen, T_i is multiplied by a fraction that decays from
//! then on. Treg meet no antigen and secrete nothing:
//!
//! ```text
//! R = C(a, b, K)                 P = c / (half + c)
//! a' = k (cd25 + by_signal P - a)         b' = k (cd122 - b)         c' = k_on L (R - c) - k_e c
//! ```

use crate::parameter::{MissingParameter, Parameters, required};
use crate::quantity::MOLECULES_PER_PMOL;
use il2_engine::{Change, Dimension, Event, Expression, Limits, Network, SpeciesId};
use std::f64::consts::LN_2;

const MOLECULE: Dimension = Dimension { molecule: 1, ..Dimension::DIMENSIONLESS };
const CELL: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };
const MOLECULES_PER_AMOUNT: Dimension =
    Dimension { molecule: 1, substance: -1, ..Dimension::DIMENSIONLESS };
/// Width of a smoothed step relative to its position; a solver for smooth equations would stop at a
/// jump.
const WIDTH: f64 = 0.02;

/// Prefixes of the numbers of clones that share a well, each of which meets its own antigen.
pub const CLONES: [&str; 2] = ["", "second."];

/// The network of a well with one or two clones, and the events at which their cells meet antigen;
/// each clone is represented by `simulated` cells.
///
/// A lane sets `cells`, `volume` and `antigen` (molecules in the well at the start), and
/// `second.cells` and `second.antigen` for another clone; a zero `antigen_inhibition` gives cells
/// without cross-talk, a zero `acceleration_most` cells without acceleration, and a
/// `jak_inhibition` of one cells without any signal. From the time `blocked` (min) on, an antibody
/// blocks the antigen. With Treg it sets `treg.cells`; the network
/// then also counts what was secreted, and what effectors and Treg contain and have consumed.
pub fn network(
    numbers: &Parameters,
    simulated: usize,
    clones: usize,
    with_treg: bool,
    blocked: Option<f64>,
) -> Result<(Network, Vec<Event>), MissingParameter> {
    let mut made = Made { n: Network::default(), numbers };
    let (plain, rate, per_cell) = (Dimension::DIMENSIONLESS, Dimension::RATE, Dimension::PER_CELL);
    let [receptors, antigen_half, chains_half] =
        made.all(["t_cell_receptors", "antigen_half_binding", "chains_half_binding"], per_cell)?;
    let [antigen_life, receptor_life, complex_life] = made
        .all(["antigen_half_life", "receptor_half_life", "complex_half_life"], Dimension::TIME)?;
    let [cd25_by_antigen, cd25_by_signal, cd122_at_rest, cd122_by_antigen] = made.all(
        ["cd25_by_antigen", "cd25_by_signal", "cd122_at_rest", "cd122_by_antigen"],
        per_cell,
    )?;
    let [on] = made.all(["k_on"], rate / Dimension::CONCENTRATION)?;
    let [signal_half, full] = made.all(["signal_half", "acceleration_full"], per_cell)?;
    let [inhibits] = made.all(["antigen_inhibition"], plain / per_cell)?;
    let [ends, most] = made.all(["signal_inhibition", "acceleration_most"], plain)?;
    let [secretion] = made.all(["secretion"], per_cell * rate)?;
    let [by_antigen, by_itself] =
        made.all(["acceleration_by_antigen", "acceleration_by_itself"], rate)?;
    let [first, last] = ["first_antigen", "last_antigen"]
        .map(|name| required(numbers, "model tkach2014", name, Dimension::TIME));
    let (first, last) = (first?, last?);
    let treg = match with_treg {
        true => Some(made.all(["treg_cd25", "treg_cd122"], per_cell)?),
        false => None,
    };
    let blocked = match blocked {
        Some(at) => Some((at, made.all(["blocked_half_life"], Dimension::TIME)?)),
        None => None,
    };
    let mut set = |name: &str, d: Dimension, value: f64, limits| -> Expression {
        let added = made.n.add_parameter(name, d, value);
        made.n.limit(added, limits);
        added.into()
    };
    let jak = set("jak_inhibition", plain, 0.0, Limits::Fraction { zero: true, one: true });
    let volume = set("volume", Dimension::VOLUME, 1.0, Limits::Positive);
    let avogadro =
        set("molecules_per_pmol", MOLECULES_PER_AMOUNT, MOLECULES_PER_PMOL, Limits::Constant);
    let one_per_cell = set("one_per_cell", per_cell, 1.0, Limits::Constant);
    let one_cell = set("one_cell", CELL, 1.0, Limits::Constant);
    // A clone without cells is left out.
    let at_start = CLONES.map(|clone| {
        let antigen = format!("{clone}antigen");
        let cells = set(&format!("{clone}cells"), CELL, 0.0, Limits::NotNegative);
        (cells, set(&antigen, MOLECULE, 0.0, Limits::NotNegative))
    });
    let treg = treg.map(|[a, b]| (a, b, set("treg.cells", CELL, 0.0, Limits::NotNegative)));
    let n = &mut made.n;
    let number = Expression::Number;
    let half_life = |of: Expression| number(LN_2) / of;
    let free = n.add_species("il2_medium", Dimension::CONCENTRATION);
    let layer = Layer {
        free: free.into(),
        on,
        pairing: chains_half,
        turnover: half_life(receptor_life),
        uptake: half_life(complex_life),
    };
    let (mut signal, mut producing, mut cd25) = (number(0.0), number(0.0), number(0.0));
    let (mut uptake, mut all_cells, mut events) = (number(0.0), number(0.0), vec![]);
    let to_medium = number(1.0) / (volume * avogadro);
    // Interleukin-2 is counted here, because two kinds of cells contain it.
    let counted = treg.as_ref().map(|_| {
        ["il2_made", "il2_used_by_effectors"].map(|of| n.add_species(of, Dimension::CONCENTRATION))
    });
    let mut held = number(0.0);
    // The fraction of antigen that receptors still see.
    let seen = blocked.map(|(at, [life])| {
        let [on, seen] =
            ["antigen_is_blocked", "antigen_seen"].map(|name| n.add_species(name, plain));
        n.species[seen.0].initial = number(1.0);
        let lost = half_life(life) * on.into() * seen.into();
        n.add_law("antigen_blocked", &[seen], &[], lost);
        events.push(Event::new(at, Change::Set(on, 1.0)));
        Expression::from(seen)
    });
    for (clone, (cells, antigen_at_start)) in CLONES.iter().zip(at_start).take(clones) {
        // Number of cells in the well that each simulated cell represents.
        let each = cells.clone() / number(simulated as f64);
        let antigen = n.add_species(format!("{clone}antigen_left"), MOLECULE);
        n.species[antigen.0].initial = antigen_at_start;
        // States that events set; they are not parameters, so that observables can read them.
        let meets = |i: usize| format!("{clone}meets_antigen.{i}");
        let meets: Vec<SpeciesId> =
            (0..simulated).map(|i| n.add_species(meets(i), plain)).collect();
        let sum = meets.iter().fold(number(0.0), |sum, m| sum + Expression::from(*m));
        // Before the first cell meets antigen, the number of cells that share it is zero.
        let sharing = Box::new(each.clone() * sum);
        let sharing = Expression::Maximum(sharing, Box::new(one_cell.clone()));
        let shared = Expression::from(antigen) / sharing;
        let bound = paired(receptors.clone(), shared, antigen_half.clone());
        let bound = seen.iter().fold(bound, |bound, seen| bound * seen.clone());
        let middle = |i: usize| (i as f64 + 0.5) / simulated as f64;
        let when = |i: usize| first + (last - first) * middle(i);
        let meet = meets.iter().enumerate();
        events.extend(meet.map(|(i, meets)| Event::new(when(i), Change::Set(*meets, 1.0))));
        all_cells = all_cells + cells;
        for (i, meets) in meets.iter().enumerate() {
            let name = |what: &str| format!("{clone}{what}.{i}");
            let [a, b, c, accelerated] = ["cd25", "cd122", "complexes", "acceleration"]
                .map(|what| n.add_species(name(what), per_cell));
            n.species[b.0].initial = cd122_at_rest.clone();
            let holds = Expression::from(*meets) * bound.clone();
            let occupied = Expression::from(c) / (signal_half.clone() + c.into());
            let own = (number(1.0) - jak.clone()) * occupied
                / (number(1.0) + inhibits.clone() * holds.clone());
            let active = step(holds.clone() / one_per_cell.clone());
            let made_a =
                cd25_by_antigen.clone() * active.clone() + cd25_by_signal.clone() * own.clone();
            let more = (cd122_by_antigen.clone() - cd122_at_rest.clone()) * active;
            let made = [made_a, cd122_at_rest.clone() + more];
            let (pairs, binds) = layer.add(n, &name, [a, b, c], made);
            let rises = by_antigen.clone() * holds.clone() + by_itself.clone() * accelerated.into();
            let room = number(1.0) - Expression::from(accelerated) / full.clone();
            n.add_law(name("accelerated"), &[], &[accelerated], rises * room);
            let outweighs =
                holds.clone() / one_per_cell.clone() / (number(1.0) + ends.clone() * own.clone());
            let secretes = Expression::from(*meets) * step(outweighs);
            let faster = number(1.0) + most.clone() * accelerated.into() / full.clone();
            let makes = secretion.clone() * faster * secretes.clone();
            if let Some([made, used]) = counted {
                let of_all = to_medium.clone() * each.clone();
                n.add_law(name("il2_counted"), &[], &[made], of_all.clone() * makes.clone());
                let uses = layer.uptake.clone() * c.into();
                n.add_law(name("il2_used"), &[], &[used], of_all.clone() * uses);
                held = held + of_all * c.into();
            }
            let moved = each.clone() * (makes - binds);
            let law = to_medium.clone() * moved;
            n.add_law(name("il2_secreted_and_bound"), &[], &[free], law);
            let used = half_life(antigen_life.clone()) * each.clone() * holds;
            n.add_law(name("antigen_used"), &[antigen], &[], used);
            signal = signal + each.clone() * own;
            producing = producing + each.clone() * secretes;
            cd25 = cd25 + each.clone() * a.into();
            uptake = uptake + each.clone() * layer.on.clone() * (pairs - c.into());
        }
    }
    if let Some((cd25_of_treg, cd122_of_treg, cells)) = treg {
        let name = |what: &str| format!("treg.{what}");
        let [a, b, c] =
            ["cd25", "cd122", "complexes"].map(|what| n.add_species(name(what), per_cell));
        n.species[a.0].initial = cd25_of_treg.clone();
        n.species[b.0].initial = cd122_of_treg.clone();
        let occupied = Expression::from(c) / (signal_half + c.into());
        let own = (number(1.0) - jak) * occupied;
        let made = [cd25_of_treg + cd25_by_signal * own.clone(), cd122_of_treg];
        let (pairs, binds) = layer.add(n, &name, [a, b, c], made);
        let of_all = to_medium.clone() * cells.clone();
        n.add_law(name("il2_bound"), &[free], &[], of_all.clone() * binds);
        let used = n.add_species("il2_used_by_treg", Dimension::CONCENTRATION);
        let uses = layer.uptake.clone() * c.into();
        n.add_law(name("il2_used"), &[], &[used], of_all.clone() * uses);
        uptake = uptake + cells * layer.on * (pairs - c.into());
        n.add_observable("treg_signal", plain, own);
        n.add_observable("treg_cd25", per_cell, a.into());
        n.add_observable("il2_held_by_effectors", Dimension::CONCENTRATION, held);
        n.add_observable("il2_held_by_treg", Dimension::CONCENTRATION, of_all * c.into());
    }
    n.add_observable("signal", plain, signal / all_cells.clone());
    n.add_observable("producers", CELL, producing);
    n.add_observable("cd25", per_cell, cd25 / all_cells);
    // Rate constant of the uptake of interleukin-2 from the medium.
    n.add_observable("uptake", rate, to_medium * uptake);
    // Events of both clones in order of time, as the solver requires.
    events.sort_by(|a, b| a.time.total_cmp(&b.time));
    Ok((made.n, events))
}

/// The part of a cell that takes up interleukin-2, which is the same in all cells.
struct Layer {
    free: Expression,
    on: Expression,
    pairing: Expression,
    turnover: Expression,
    uptake: Expression,
}

impl Layer {
    /// Adds turnover of CD25 and CD122, binding and uptake to a cell; returns its high-affinity
    /// receptors, and the interleukin-2 that they bind.
    fn add(
        &self,
        n: &mut Network,
        name: &dyn Fn(&str) -> String,
        [a, b, c]: [SpeciesId; 3],
        [made_a, made_b]: [Expression; 2],
    ) -> (Expression, Expression) {
        let pairs = paired(a.into(), b.into(), self.pairing.clone());
        n.add_law(name("cd25_made"), &[], &[a], self.turnover.clone() * made_a);
        n.add_reaction(name("cd25_lost"), &[a], &[], self.turnover.clone());
        n.add_law(name("cd122_made"), &[], &[b], self.turnover.clone() * made_b);
        n.add_reaction(name("cd122_lost"), &[b], &[], self.turnover.clone());
        let binds = self.on.clone() * self.free.clone() * (pairs.clone() - c.into());
        n.add_law(name("bound"), &[], &[c], binds.clone());
        n.add_reaction(name("taken_up"), &[c], &[], self.uptake.clone());
        (pairs, binds)
    }
}

struct Made<'a> {
    n: Network,
    numbers: &'a Parameters,
}

impl Made<'_> {
    fn all<const N: usize>(
        &mut self,
        names: [&str; N],
        dimension: Dimension,
    ) -> Result<[Expression; N], MissingParameter> {
        let mut all = [const { Expression::Number(0.0) }; N];
        for (to, name) in all.iter_mut().zip(names) {
            let value = required(self.numbers, "model tkach2014", name, dimension)?;
            let added = self.n.add_parameter(name, dimension, value);
            let inhibition = ["antigen_inhibition", "signal_inhibition", "acceleration_most"];
            let limits = match inhibition.contains(&name) {
                true => Limits::NotNegative,
                false => Limits::Positive,
            };
            self.n.limit(added, limits);
            *to = added.into();
        }
        Ok(all)
    }
}

/// Number of pairs of x and y at equilibrium, computed in units of K, since a root has no unit.
fn paired(x: Expression, y: Expression, half: Expression) -> Expression {
    let number = Expression::Number;
    let (x, y) = (x / half.clone(), y / half.clone());
    let sum = x.clone() + y.clone() + number(1.0);
    let root = sum.clone() * sum.clone() - number(4.0) * x * y;
    let root = Expression::Power(Box::new(root), Box::new(number(0.5)));
    number(0.5) * half * (sum - root)
}

/// A smooth step at one.
fn step(u: Expression) -> Expression {
    let one = || Expression::Number(1.0);
    // Limited, since the exponential overflows far below one, where the step is practically zero
    // anyway.
    let far = (one() - u) / Expression::Number(WIDTH);
    let far = Expression::Minimum(Box::new(far), Box::new(Expression::Number(60.0)));
    one() / (one() + Expression::Exponential(Box::new(far)))
}
