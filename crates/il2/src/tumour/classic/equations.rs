//! The equations of the published models.
//!
//! Populations are stored as logarithms: between two waves of a tumour there may be 1e-1000 of a
//! cell, from which these models recover, but which a linear state would turn into zero or a
//! negative number. Each law is therefore the relative growth rate of a population, and the ratio
//! of two populations is the exponential of a difference.
//!
//! Kirschner and Panetta 1998 (J Math Biol 37:235), with tumour T, effectors E and interleukin-2 I:
//!
//! ```text
//! T' = growth T (1 - inverse_capacity T) - kill E T / (kill_half + T)
//! E' = antigenicity T - effector_loss E + proliferation E I / (il2_half + I) + effector_infusion
//! I' = il2_secretion E T / (secretion_half + T) - il2_loss I + il2_infusion
//! ```
//!
//! Kuznetsov et al. 1994 (Bull Math Biol 56:295):
//!
//! ```text
//! T' = growth T (1 - inverse_capacity T) - kill E T
//! E' = influx + proliferation E T / (proliferation_half + T) - inactivation E T - effector_loss E
//! ```
//!
//! de Pillis et al. 2005 (Cancer Res 65:7950), with NK cells N, CD8 T cells L, and killing by CD8 T
//! cells K:
//!
//! ```text
//! K  = cd8_kill T x / (cd8_kill_half + x),  x = (L / T)^cd8_kill_power
//! T' = growth T (1 - inverse_capacity T) - nk_kill N T - K
//! N' = nk_influx - nk_loss N + nk_recruitment N T^2 / (nk_recruitment_half + T^2) - nk_inactivation N T
//! L' = - cd8_loss L + cd8_recruitment L K^2 / (cd8_recruitment_half + K^2) - cd8_inactivation L T + cd8_by_nk N T
//! ```
//!
//! de Pillis et al. 2009 (Comput Math Methods Med 10:165), with circulating lymphocytes C and
//! chemotherapy M, where m = 1 - exp(-chemo_sensitivity M):
//!
//! ```text
//! T' = growth T (1 - inverse_capacity T) - nk_kill N T - K - chemo_tumour m T
//! N' = nk_loss (nk_part C - N) - nk_inactivation N T + nk_by_il2 N I / (nk_il2_half + I) - chemo_nk m N
//! L' = - cd8_loss il2_survival / (il2_survival + I) L + cd8_recruitment L T / (cd8_recruitment_half + T)
//!      - cd8_inactivation L T + (cd8_by_nk N + cd8_by_lymphocytes C) T - cd8_regulation L^2 C I / (regulation_half + I)
//!      - chemo_cd8 m L + cd8_by_il2 L I / (cd8_il2_half + I) + cd8_infusion
//! C' = lymphocyte_turnover (lymphocytes_at_rest - C) - chemo_lymphocytes m C
//! I' = il2_by_lymphocytes C + il2_by_cd8 L I / (il2_feedback_half + I) - il2_loss I + il2_infusion
//! M' = chemo_infusion - chemo_loss M
//! ```

use crate::parameter::{MissingParameter, Parameters, required};
use crate::tumour::classic::Classic;
use il2_engine::{Dimension, Expression, Limits, Network};

const PLAIN: Dimension = Dimension::DIMENSIONLESS;
const RATE: Dimension = Dimension::RATE;

/// Numbers that may be zero: inputs, and effects that can be left out. All other numbers are
/// divisors or arguments of logarithms.
const MAY_BE_ZERO: [&str; 24] = [
    "antigenicity",
    "inverse_capacity",
    "proliferation",
    "effector_infusion",
    "il2_infusion",
    "il2_secretion",
    "influx",
    "inactivation",
    "nk_kill",
    "cd8_kill",
    "nk_recruitment",
    "nk_inactivation",
    "cd8_recruitment",
    "cd8_inactivation",
    "cd8_by_nk",
    "cd8_by_lymphocytes",
    "cd8_by_il2",
    "cd8_regulation",
    "nk_by_il2",
    "cd8_infusion",
    "chemo_infusion",
    "il2_by_lymphocytes",
    "il2_by_cd8",
    "chemotherapy_at_start",
];

/// The network of a model: a state `ln_NAME` and an observable `NAME` for each population;
/// chemotherapy is itself a state.
pub fn network(model: Classic, numbers: &Parameters) -> Result<Network, MissingParameter> {
    let mut made = Made { n: Network::default(), model, numbers };
    match model {
        Classic::KirschnerPanetta1998 => made.kirschner_panetta()?,
        Classic::Kuznetsov1994 => made.kuznetsov()?,
        Classic::DePillis2005 => made.de_pillis_2005()?,
        Classic::DePillis2009 => made.de_pillis_2009()?,
    }
    Ok(made.n)
}

struct Made<'a> {
    n: Network,
    model: Classic,
    numbers: &'a Parameters,
}

/// A population: its logarithm and its value.
#[derive(Clone)]
struct Population {
    name: &'static str,
    ln: Expression,
    is: Expression,
}

type Built = Result<(), MissingParameter>;

impl Made<'_> {
    fn number(&mut self, name: &str, dimension: Dimension) -> Result<Expression, MissingParameter> {
        let owner = format!("model {}", self.model.name());
        let value = required(self.numbers, &owner, name, dimension)?;
        let added = self.n.add_parameter(name, dimension, value);
        // Without killing, the tumour's own equation no longer determines the cells at steady
        // state; see `steady`.
        let divides = name == "cd8_kill" && self.model == Classic::DePillis2005;
        let zero = MAY_BE_ZERO.contains(&name) || name.starts_with("chemo_");
        let limits = match zero && !divides {
            true => Limits::NotNegative,
            false => Limits::Positive,
        };
        self.n.limit(added, limits);
        Ok(added.into())
    }

    fn plain<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Expression; N], MissingParameter> {
        self.all(names, PLAIN)
    }

    fn rates<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Expression; N], MissingParameter> {
        self.all(names, RATE)
    }

    fn all<const N: usize>(
        &mut self,
        names: [&str; N],
        dimension: Dimension,
    ) -> Result<[Expression; N], MissingParameter> {
        let mut all = [const { Expression::Number(0.0) }; N];
        for (to, name) in all.iter_mut().zip(names) {
            *to = self.number(name, dimension)?;
        }
        Ok(all)
    }

    fn populations<const N: usize>(
        &mut self,
        names: [&'static str; N],
    ) -> Result<[Population; N], MissingParameter> {
        let mut all = vec![];
        for name in names {
            let start = self.number(&format!("{name}_at_start"), PLAIN)?;
            let species = self.n.add_species(format!("ln_{name}"), PLAIN);
            self.n.species[species.0].initial = Expression::Logarithm(Box::new(start));
            self.n.species[species.0].signed = true;
            let ln = Expression::from(species);
            let is = exp(ln.clone());
            self.n.add_observable(name, PLAIN, is.clone());
            all.push(Population { name, ln, is });
        }
        Ok(all.try_into().ok().expect("one for each name"))
    }

    /// Adds a contribution to the relative growth rate of a population.
    fn grows(&mut self, of: &Population, law: Expression) {
        let species = self.n.species_named(&format!("ln_{}", of.name)).expect("was added");
        self.n.add_law(format!("{} grows", of.name), &[], &[species], law);
    }

    fn kirschner_panetta(&mut self) -> Built {
        let [t, e, i] = self.populations(["tumour", "effectors", "il2"])?;
        let [growth, kill, antigenicity, effector_loss, proliferation] =
            self.rates(["growth", "kill", "antigenicity", "effector_loss", "proliferation"])?;
        let [secretion, il2_loss, effector_infusion, il2_infusion] =
            self.rates(["il2_secretion", "il2_loss", "effector_infusion", "il2_infusion"])?;
        let [inverse, kill_half, il2_half, secretion_half] =
            self.plain(["inverse_capacity", "kill_half", "il2_half", "secretion_half"])?;
        let law = growth * (one() - inverse * t.is.clone())
            - kill * e.is.clone() / (kill_half + t.is.clone());
        self.grows(&t, law);
        let law = antigenicity * over(&[&t], &e) - effector_loss
            + proliferation * part(&i.is, il2_half)
            + effector_infusion * over(&[], &e);
        self.grows(&e, law);
        let law = secretion * over(&[&e, &t], &i) / (secretion_half + t.is.clone()) - il2_loss
            + il2_infusion * over(&[], &i);
        self.grows(&i, law);
        Ok(())
    }

    fn kuznetsov(&mut self) -> Built {
        let [t, e] = self.populations(["tumour", "effectors"])?;
        let [growth, kill, influx, proliferation, inactivation, loss] = self.rates([
            "growth",
            "kill",
            "influx",
            "proliferation",
            "inactivation",
            "effector_loss",
        ])?;
        let [inverse, half] = self.plain(["inverse_capacity", "proliferation_half"])?;
        let law = growth * (one() - inverse * t.is.clone()) - kill * e.is.clone();
        self.grows(&t, law);
        let law = influx * over(&[], &e) + proliferation * part(&t.is, half)
            - inactivation * t.is.clone()
            - loss;
        self.grows(&e, law);
        Ok(())
    }

    /// Killing by CD8 T cells, relative to the tumour.
    fn killed_by_cd8(
        &mut self,
        t: &Population,
        l: &Population,
    ) -> Result<Expression, MissingParameter> {
        let [kill] = self.rates(["cd8_kill"])?;
        let [half, power] = self.plain(["cd8_kill_half", "cd8_kill_power"])?;
        Ok(kill / (one() + half * ratio(power * (t.ln.clone() - l.ln.clone()))))
    }

    fn de_pillis_2005(&mut self) -> Built {
        let [t, n, l] = self.populations(["tumour", "nk", "cd8"])?;
        let killed = self.killed_by_cd8(&t, &l)?;
        let [growth, nk_kill] = self.rates(["growth", "nk_kill"])?;
        let [inverse] = self.plain(["inverse_capacity"])?;
        let law =
            growth * (one() - inverse * t.is.clone()) - nk_kill * n.is.clone() - killed.clone();
        self.grows(&t, law);
        let [influx, loss, recruitment, inactivation] =
            self.rates(["nk_influx", "nk_loss", "nk_recruitment", "nk_inactivation"])?;
        let [half] = self.plain(["nk_recruitment_half"])?;
        let square = t.is.clone() * t.is.clone();
        let law = influx * over(&[], &n) - loss + recruitment * part(&square, half)
            - inactivation * t.is.clone();
        self.grows(&n, law);
        let [loss, recruitment, inactivation, by_nk] =
            self.rates(["cd8_loss", "cd8_recruitment", "cd8_inactivation", "cd8_by_nk"])?;
        let [half] = self.all(["cd8_recruitment_half"], RATE * RATE)?;
        let all = killed * t.is.clone();
        let law =
            recruitment * part(&(all.clone() * all), half) - loss - inactivation * t.is.clone()
                + by_nk * over(&[&n, &t], &l);
        self.grows(&l, law);
        Ok(())
    }

    fn de_pillis_2009(&mut self) -> Built {
        let [t, n, l, c, i] = self.populations(["tumour", "nk", "cd8", "lymphocytes", "il2"])?;
        let start = self.number("chemotherapy_at_start", PLAIN)?;
        let m = self.n.add_species("chemotherapy", PLAIN);
        self.n.species[m.0].initial = start;
        let [chemo_infusion, chemo_loss] = self.rates(["chemo_infusion", "chemo_loss"])?;
        self.n.add_law("chemotherapy given", &[], &[m], chemo_infusion);
        self.n.add_reaction("chemotherapy lost", &[m], &[], chemo_loss);
        let [sensitivity] = self.plain(["chemo_sensitivity"])?;
        let hit = one() - exp(Expression::Number(-1.0) * sensitivity * m.into());
        let [on_tumour, on_nk, on_cd8, on_lymphocytes] =
            self.rates(["chemo_tumour", "chemo_nk", "chemo_cd8", "chemo_lymphocytes"])?;
        let killed = self.killed_by_cd8(&t, &l)?;
        let [growth, nk_kill] = self.rates(["growth", "nk_kill"])?;
        let [inverse] = self.plain(["inverse_capacity"])?;
        let law = growth * (one() - inverse * t.is.clone())
            - nk_kill * n.is.clone()
            - killed
            - on_tumour * hit.clone();
        self.grows(&t, law);
        let [loss, inactivation, by_il2] =
            self.rates(["nk_loss", "nk_inactivation", "nk_by_il2"])?;
        let [nk_part, half] = self.plain(["nk_part", "nk_il2_half"])?;
        let law = loss * (nk_part * over(&[&c], &n) - one()) - inactivation * t.is.clone()
            + by_il2 * part(&i.is, half)
            - on_nk * hit.clone();
        self.grows(&n, law);
        let [loss, recruitment, inactivation, by_nk, by_lymphocytes] = self.rates([
            "cd8_loss",
            "cd8_recruitment",
            "cd8_inactivation",
            "cd8_by_nk",
            "cd8_by_lymphocytes",
        ])?;
        let [by_il2, regulation, infusion] =
            self.rates(["cd8_by_il2", "cd8_regulation", "cd8_infusion"])?;
        let [survival, recruitment_half, regulation_half, il2_half] = self.plain([
            "il2_survival",
            "cd8_recruitment_half",
            "regulation_half",
            "cd8_il2_half",
        ])?;
        let law = recruitment * part(&t.is, recruitment_half)
            - loss * survival.clone() / (survival + i.is.clone())
            - inactivation * t.is.clone()
            + by_nk * over(&[&n, &t], &l)
            + by_lymphocytes * over(&[&c, &t], &l)
            - regulation * l.is.clone() * c.is.clone() * part(&i.is, regulation_half)
            - on_cd8 * hit.clone()
            + by_il2 * part(&i.is, il2_half)
            + infusion * over(&[], &l);
        self.grows(&l, law);
        let [turnover] = self.rates(["lymphocyte_turnover"])?;
        let [rest] = self.plain(["lymphocytes_at_rest"])?;
        let law = turnover * (rest * over(&[], &c) - one()) - on_lymphocytes * hit;
        self.grows(&c, law);
        let [by_lymphocytes, by_cd8, loss, infusion] =
            self.rates(["il2_by_lymphocytes", "il2_by_cd8", "il2_loss", "il2_infusion"])?;
        let [half] = self.plain(["il2_feedback_half"])?;
        let law = by_lymphocytes * over(&[&c], &i) + by_cd8 * l.is.clone() / (half + i.is.clone())
            - loss
            + infusion * over(&[], &i);
        self.grows(&i, law);
        Ok(())
    }
}

fn one() -> Expression {
    Expression::Number(1.0)
}

fn exp(of: Expression) -> Expression {
    Expression::Exponential(Box::new(of))
}

/// The saturating fraction x / (half + x).
fn part(x: &Expression, half: Expression) -> Expression {
    x.clone() / (half + x.clone())
}

/// A product of populations divided by another population.
fn over(above: &[&Population], below: &Population) -> Expression {
    let zero = Expression::Number(0.0);
    ratio(above.iter().fold(zero, |sum, of| sum + of.ln.clone()) - below.ln.clone())
}

/// The exponential of a difference of logarithms. The exponent is limited, because an input may be
/// zero, and zero times an infinite ratio is not a number; if there is an input, the ratio stays
/// far below the limit.
fn ratio(of: Expression) -> Expression {
    const LARGEST: f64 = 600.0;
    exp(Expression::Minimum(Box::new(of), Box::new(Expression::Number(LARGEST))))
}
