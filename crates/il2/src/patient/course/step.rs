//! The exponential of a rate matrix over an interval of time, with its derivatives.

use std::rc::Rc;

/// Largest number of compartments and inputs together.
pub const MOST: usize = 8;
/// A small matrix of which only the first rows and columns are used.
pub type Matrix = [[f64; MOST]; MOST];

/// Rate constants between compartments, and their derivatives with respect to each number of the
/// model.
#[derive(Debug)]
pub struct Rates {
    pub matrix: Matrix,
    pub by: Vec<Matrix>,
    pub size: usize,
}

impl Rates {
    /// The matrix times a state.
    pub fn times(&self, state: &[f64]) -> Vec<f64> {
        let row = |i: usize| state.iter().zip(&self.matrix[i]).map(|(x, a)| x * a).sum();
        (0..self.size).map(row).collect()
    }
}

/// How a state changes over an interval with constant inputs.
#[derive(Debug)]
pub struct Step {
    matrix: Matrix,
    by: Vec<Matrix>,
    size: usize,
}

impl Step {
    /// The state afterwards.
    pub fn moved(&self, state: &[f64], inputs: &[f64]) -> Vec<f64> {
        applied(&self.matrix, self.size, state, inputs)
    }

    /// Derivative of this state with respect to a number of the model.
    pub fn moved_by(&self, number: usize, state: &[f64], inputs: &[f64]) -> Vec<f64> {
        applied(&self.by[number], self.size, state, inputs)
    }
}

fn applied(matrix: &Matrix, size: usize, state: &[f64], inputs: &[f64]) -> Vec<f64> {
    let row = |i: usize| {
        let known = state.iter().chain(inputs);
        known.zip(&matrix[i]).map(|(x, a)| x * a).sum()
    };
    (0..size).map(row).collect()
}

/// Steps that were computed before; doses at equal intervals need few.
#[derive(Default)]
pub struct Steps {
    made: Vec<Made>,
}

struct Made {
    rates: Rc<Rates>,
    over: u64,
    inputs: Vec<usize>,
    step: Rc<Step>,
}

/// Number of steps that are kept.
const REMEMBERED: usize = 12;

impl Steps {
    /// The step over an interval with constant inputs to these compartments.
    pub fn of(&mut self, rates: &Rc<Rates>, over: f64, inputs: &[usize]) -> Rc<Step> {
        let same = |m: &&Made| {
            Rc::ptr_eq(&m.rates, rates) && m.over == over.to_bits() && m.inputs == inputs
        };
        if let Some(made) = self.made.iter().find(same) {
            return made.step.clone();
        }
        let step = Rc::new(exponential(rates, over, inputs));
        if self.made.len() == REMEMBERED {
            self.made.remove(0);
        }
        self.made.push(Made {
            rates: rates.clone(),
            over: over.to_bits(),
            inputs: inputs.to_vec(),
            step: step.clone(),
        });
        step
    }
}

/// Norm below which the series is summed, and the number of terms after which they are below
/// rounding.
const NORM: f64 = 0.5;
const TERMS: usize = 13;

/// Uses scaling and squaring of the Taylor series (Moler & Van Loan 2003, SIAM Rev 45:3),
/// differentiated term by term. Columns after those of the compartments are inputs with a rate of
/// one. Entries are only sums and products, so that they have the same bits on every machine.
fn exponential(rates: &Rates, over: f64, inputs: &[usize]) -> Step {
    let n = rates.size;
    let all = n + inputs.len();
    let norm = (0..n)
        .map(|j| (0..n).map(|i| rates.matrix[i][j].abs()).sum::<f64>() * over)
        .fold(0.0, f64::max);
    let mut halvings = 0;
    let mut scale = over;
    while norm * (scale / over) > NORM && halvings < 200 {
        scale *= 0.5;
        halvings += 1;
    }
    let scaled = |of: &Matrix, with_inputs: bool| {
        let mut made = [[0.0; MOST]; MOST];
        for i in 0..n {
            for j in 0..n {
                made[i][j] = of[i][j] * scale;
            }
        }
        if with_inputs {
            inputs.iter().enumerate().for_each(|(k, &c)| made[c][n + k] = scale);
        }
        made
    };
    let a = scaled(&rates.matrix, true);
    let by: Vec<Matrix> = rates.by.iter().map(|by| scaled(by, false)).collect();
    let mut term = identity(all);
    let mut sum = term;
    let zero: Matrix = [[0.0; MOST]; MOST];
    let (mut term_by, mut sum_by) = (vec![zero; by.len()], vec![zero; by.len()]);
    for k in 1..=TERMS {
        let part = 1.0 / k as f64;
        for (t, (s, b)) in term_by.iter_mut().zip(sum_by.iter_mut().zip(&by)) {
            *t = weighted(&product(b, &term, all), &product(&a, t, all), part, all);
            add(s, t, all);
        }
        term = weighted(&product(&a, &term, all), &zero, part, all);
        add(&mut sum, &term, all);
    }
    for _ in 0..halvings {
        for s in &mut sum_by {
            *s = weighted(&product(&sum, s, all), &product(s, &sum, all), 1.0, all);
        }
        sum = product(&sum, &sum, all);
    }
    Step { matrix: sum, by: sum_by, size: n }
}

fn identity(n: usize) -> Matrix {
    let mut made = [[0.0; MOST]; MOST];
    (0..n).for_each(|i| made[i][i] = 1.0);
    made
}

fn product(a: &Matrix, b: &Matrix, n: usize) -> Matrix {
    let mut made = [[0.0; MOST]; MOST];
    for i in 0..n {
        for k in 0..n {
            let x = a[i][k];
            if x != 0.0 {
                for j in 0..n {
                    made[i][j] += x * b[k][j];
                }
            }
        }
    }
    made
}

fn weighted(a: &Matrix, b: &Matrix, part: f64, n: usize) -> Matrix {
    let mut made = [[0.0; MOST]; MOST];
    for i in 0..n {
        for j in 0..n {
            made[i][j] = part * (a[i][j] + b[i][j]);
        }
    }
    made
}

fn add(into: &mut Matrix, other: &Matrix, n: usize) {
    for i in 0..n {
        for j in 0..n {
            into[i][j] += other[i][j];
        }
    }
}
