//! Rodas5P: a stiffly accurate Rosenbrock method of order five with eight stages, an embedded
//! estimate of order four and a dense output of order four (Steinebach, BIT Numerical Mathematics
//! 63:27, 2023, doi 10.1007/s10543-023-00967-x).
//!
//! Coefficients are those of the transformed form (Hairer & Wanner, Solving Ordinary Differential
//! Equations II, section IV.7): with `U = Gamma k`,
//! `(1/(h gamma) - J) U_i = f(t + c_i h, y + sum a_ij U_j) + sum C_ij/h U_j + h d_i df/dt`,
//! and the last stage is both the last increment of the step and the estimate of its error.

/// Number of stages.
pub const STAGES: usize = 8;

/// Diagonal of the method.
pub const GAMMA: f64 = 0.21193756319429014;

/// Coefficients for the states of the first six stages; stages seven and eight start from the state
/// of the stage before.
pub const A: [[f64; 5]; 6] = [
    [0.0; 5],
    [3.0, 0.0, 0.0, 0.0, 0.0],
    [2.849394379747939, 0.45842242204463923, 0.0, 0.0, 0.0],
    [-6.954028509809101, 2.489845061869568, -10.358996098473584, 0.0, 0.0],
    [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641, 0.0],
    [
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
    ],
];

/// Weights of earlier stages in the right-hand side of a stage, to be divided by the step.
pub const C: [[f64; 7]; STAGES] = [
    [0.0; 7],
    [-14.155112264123755, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-17.97296035885952, -2.859693295451294, 0.0, 0.0, 0.0, 0.0, 0.0],
    [147.12150275711716, -1.41221402718213, 71.68940251302358, 0.0, 0.0, 0.0, 0.0],
    [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306, 0.0, 0.0, 0.0],
    [
        24.854864614690072,
        -3.0009227002832186,
        47.4931110020768,
        5.5814197821558125,
        -0.6610691825249471,
        0.0,
        0.0,
    ],
    [
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
        0.0,
    ],
    [
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ],
];

/// Time of each stage as a fraction of the step.
pub const NODES: [f64; STAGES] = [
    0.0,
    0.6358126895828704,
    0.4095798393397535,
    0.9769306725060716,
    0.4288403609558664,
    1.0,
    1.0,
    1.0,
];

/// Weight of the slope's time derivative in each stage, to be multiplied by the step.
pub const TIME_WEIGHTS: [f64; STAGES] = [
    GAMMA,
    -0.42387512638858027,
    -0.3384627126235924,
    1.8046452872882734,
    2.325825639765069,
    0.0,
    0.0,
    0.0,
];

/// Dense output: `y(s) = (1-s) y0 + s (y1 + (1-s) (D0 + s (D1 + s D2)))` with `D_l = sum H_li U_i`.
pub const DENSE: [[f64; STAGES]; 3] = [
    [
        25.948786856663858,
        -2.5579724845846235,
        10.433815404888879,
        -2.3679251022685204,
        0.524948541321073,
        1.1241088310450404,
        0.4272876194431874,
        -0.17202221070155493,
    ],
    [
        -9.91568850695171,
        -0.9689944594115154,
        3.0438037242978453,
        -24.495224566215796,
        20.176138334709044,
        15.98066361424651,
        -6.789040303419874,
        -6.710236069923372,
    ],
    [
        11.419903575922262,
        2.8879645146136994,
        72.92137995996029,
        80.12511834622643,
        -52.072871366152654,
        -59.78993625266729,
        -0.15582684282751913,
        4.883087185713722,
    ],
];

/// A matrix with a number for each pair of stages.
pub type Matrix = [[f64; STAGES]; STAGES];

/// The method for equations that are linear except for small changes, such as those of
/// sensitivities. With `D_i = sum a_ij U_j`, the change of the state until a stage, and
/// `Q_i = U_i + D_i`, `(1/(h gamma) - J) Q_i = J y + (nonlinear terms) + 1/(h gamma) sum b_ij Q_j`:
/// the product of the Jacobian with the state is the same at every stage.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// The weights in `D_i = sum of weights times Q_j`.
    pub moved: Matrix,
    /// The `b_ij`, to be divided by the step times gamma.
    pub weights: Matrix,
}

/// The method in the form of [`Linear`].
pub const LINEAR: Linear = linear();

const fn linear() -> Linear {
    let (mut moved, mut weights): (Matrix, Matrix) =
        ([[0.0; STAGES]; STAGES], [[0.0; STAGES]; STAGES]);
    let mut i = 1;
    while i < STAGES {
        let mut j = i;
        while j > 0 {
            j -= 1;
            // U_j = Q_j - D_j is inserted in D_i and in the right-hand side, which also contains
            // D_i / (h gamma).
            let (mut of_moved, mut of_both) = (a(i, j), a(i, j) + GAMMA * C[i][j]);
            let mut k = j + 1;
            while k < i {
                of_moved -= a(i, k) * moved[k][j];
                of_both -= (a(i, k) + GAMMA * C[i][k]) * moved[k][j];
                k += 1;
            }
            moved[i][j] = without_rounding(of_moved);
            weights[i][j] = without_rounding(of_both);
        }
        i += 1;
    }
    Linear { moved, weights }
}

/// Weight of an earlier stage in the state of a stage.
const fn a(i: usize, j: usize) -> f64 {
    match i {
        0..6 if j < 5 => A[i][j],
        6.. if j < 5 => A[5][j],
        6.. if j < i => 1.0,
        _ => 0.0,
    }
}

/// Sets weights that are only rounding errors to zero: some vanish by construction of the method,
/// and need no work.
const fn without_rounding(weight: f64) -> f64 {
    if weight.abs() < 1e-12 { 0.0 } else { weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(a: &Matrix, b: &Matrix) -> Matrix {
        std::array::from_fn(|i| {
            std::array::from_fn(|j| (0..STAGES).map(|k| a[i][k] * b[k][j]).sum())
        })
    }

    /// `(alpha, gamma)` of the untransformed method, since the inverse of Gamma is `1/gamma - C`.
    fn untransformed() -> (Matrix, Matrix) {
        let inverse: Matrix = std::array::from_fn(|i| {
            std::array::from_fn(|j| match j {
                j if j == i => 1.0 / GAMMA,
                j if j < i => -C[i][j],
                _ => 0.0,
            })
        });
        let mut gamma: Matrix = [[0.0; STAGES]; STAGES];
        for column in 0..STAGES {
            for row in 0..STAGES {
                let unit = if row == column { 1.0 } else { 0.0 };
                let sum: f64 = (0..row).map(|k| inverse[row][k] * gamma[k][column]).sum();
                gamma[row][column] = (unit - sum) / inverse[row][row];
            }
        }
        let a: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| a(i, j)));
        (times(&a, &gamma), gamma)
    }

    /// A rooted tree as the list of its branches.
    #[derive(Clone, Debug)]
    struct Tree(Vec<Tree>);

    fn trees(order: usize) -> Vec<Tree> {
        /// Forests of `left` vertices whose trees come no later than the given size and place.
        fn forests(left: usize, size: usize, place: usize) -> Vec<Vec<Tree>> {
            if left == 0 {
                return vec![vec![]];
            }
            let mut found = vec![];
            for s in 1..=left.min(size) {
                for (k, tree) in trees(s).into_iter().enumerate() {
                    if s == size && k > place {
                        continue;
                    }
                    for mut rest in forests(left - s, s, k) {
                        rest.push(tree.clone());
                        found.push(rest);
                    }
                }
            }
            found
        }
        forests(order - 1, order, usize::MAX).into_iter().map(Tree).collect()
    }

    fn vertices(t: &Tree) -> f64 {
        1.0 + t.0.iter().map(vertices).sum::<f64>()
    }

    fn density(t: &Tree) -> f64 {
        vertices(t) * t.0.iter().map(density).product::<f64>()
    }

    /// Elementary weights (Hairer & Wanner II, theorem IV.7.4): a vertex with one branch has
    /// `alpha + gamma`, one with several branches has `alpha`.
    fn weights(t: &Tree, alpha: &Matrix, gamma: &Matrix) -> [f64; STAGES] {
        let branches: Vec<_> = t.0.iter().map(|b| weights(b, alpha, gamma)).collect();
        std::array::from_fn(|i| {
            let one = |branch: &[f64; STAGES]| -> f64 {
                let both = if branches.len() == 1 { 1.0 } else { 0.0 };
                (0..STAGES).map(|j| (alpha[i][j] + both * gamma[i][j]) * branch[j]).sum()
            };
            branches.iter().map(one).product()
        })
    }

    /// Weights of the untransformed stages at a fraction of the step.
    fn step_weights(s: f64, gamma: &Matrix) -> [f64; STAGES] {
        let transformed: [f64; STAGES] = std::array::from_fn(|i| {
            let end = if i < 5 { A[5][i] } else { 1.0 };
            let [d0, d1, d2] = [DENSE[0][i], DENSE[1][i], DENSE[2][i]];
            s * (end + (1.0 - s) * (d0 + s * (d1 + s * d2)))
        });
        std::array::from_fn(|j| (0..STAGES).map(|i| transformed[i] * gamma[i][j]).sum())
    }

    fn worst(order: usize, s: f64, without_last: bool) -> f64 {
        let (alpha, gamma) = untransformed();
        let mut b = step_weights(s, &gamma);
        if without_last {
            // The embedded method ends with the state of stage eight.
            b = std::array::from_fn(|j| b[j] - gamma[STAGES - 1][j]);
        }
        let miss = |t: &Tree| {
            let w = weights(t, &alpha, &gamma);
            let sum: f64 = (0..STAGES).map(|i| b[i] * w[i]).sum();
            (sum - s.powi(order as i32) / density(t)).abs()
        };
        trees(order).iter().map(miss).fold(0.0, f64::max)
    }

    #[test]
    fn there_are_as_many_trees_as_there_should_be() {
        assert_eq!([1, 2, 3, 4, 5].map(|n| trees(n).len()), [1, 1, 2, 4, 9]);
    }

    #[test]
    fn order_conditions_of_order_five_hold_and_of_order_six_do_not() {
        for order in 1..=5 {
            assert!(worst(order, 1.0, false) < 1e-11, "{order}: {}", worst(order, 1.0, false));
        }
        assert!(worst(6, 1.0, false) > 1e-6);
    }

    #[test]
    fn the_embedded_method_has_order_four_and_no_more() {
        for order in 1..=4 {
            assert!(worst(order, 1.0, true) < 1e-11, "{order}: {}", worst(order, 1.0, true));
        }
        assert!(worst(5, 1.0, true) > 1e-6);
    }

    #[test]
    fn dense_output_has_order_four() {
        for s in [0.1, 0.35, 0.5, 0.8] {
            for order in 1..=4 {
                assert!(worst(order, s, false) < 1e-11, "{order} {s}: {}", worst(order, s, false));
            }
        }
    }

    #[test]
    fn times_and_time_weights_are_sums_of_their_rows() {
        let (alpha, gamma) = untransformed();
        for i in 0..STAGES {
            assert!((alpha[i].iter().sum::<f64>() - NODES[i]).abs() < 1e-12, "{i}");
            assert!((gamma[i].iter().sum::<f64>() - TIME_WEIGHTS[i]).abs() < 1e-11, "{i}");
        }
    }

    #[test]
    fn the_linear_form_takes_the_same_steps() {
        // x' = l x, with h = 1: increments of the method itself, and computed through Q.
        for l in [-0.3_f64, -20.0, 1.5] {
            let pivot = 1.0 / GAMMA - l;
            let (mut u, mut q) = ([0.0; STAGES], [0.0; STAGES]);
            for i in 0..STAGES {
                let sum = |of: &dyn Fn(usize) -> f64| (0..i).map(of).sum::<f64>();
                let state = 1.0 + sum(&|j| a(i, j) * u[j]);
                u[i] = (l * state + sum(&|j| C[i][j] * u[j])) / pivot;
                q[i] = (l + sum(&|j| LINEAR.weights[i][j] * q[j]) / GAMMA) / pivot;
                let moved = sum(&|j| LINEAR.moved[i][j] * q[j]);
                assert!((q[i] - moved - u[i]).abs() < 1e-12 * (1.0 + u[i].abs()), "{l} {i}");
            }
        }
        // The last two stages start from the state at which the stages before them ended.
        for i in [6, 7] {
            let only = |j: usize| if j + 1 == i { 1.0 } else { 0.0 };
            assert!((0..STAGES).all(|j| LINEAR.moved[i][j] == only(j)), "{i}");
        }
    }
}
