//! `diffsol-peer w1|w2 PARAMETERS.bin START.bin SETS OUT.bin`: CPU microseconds per trajectory.

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod};
use std::cell::RefCell;
use std::time::Instant;

unsafe extern "C" {
    fn w1_prep(p: *const f64, q: *mut f64);
    fn w1_rhs(y: *const f64, q: *const f64, out: *mut f64);
    fn w1_jac(y: *const f64, q: *const f64, out: *mut f64);
    fn w2_prep(p: *const f64, q: *mut f64);
    fn w2_rhs(y: *const f64, q: *const f64, out: *mut f64);
    fn w2_jac(y: *const f64, q: *const f64, out: *mut f64);
}

type Law = unsafe extern "C" fn(*const f64, *const f64, *mut f64);

fn doubles(path: &str) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

/// Integrates from `start` to the last of `stops`; returns the states at the stops.
fn stretch(
    (rhs, jac): (Law, Law),
    q: &[f64],
    (t0, start): (f64, &[f64]),
    stops: &[f64],
) -> Vec<Vec<f64>> {
    let n = start.len();
    // diffsol requests a product with each unit vector; the matrix is computed once for all of
    // them.
    let kept = RefCell::new((vec![f64::NAN; n], vec![0.0; n * n]));
    let begin = start.to_vec();
    let problem = OdeBuilder::<NalgebraMat<f64>>::new()
        .t0(t0)
        .rtol(1e-6)
        .atol([1e-6])
        .rhs_implicit(
            move |x, _p, _t, y| {
                unsafe { rhs(x.as_ptr(), q.as_ptr(), y.as_mut_ptr()) }
            },
            move |x, _p, _t, v, y| {
                let (at, j) = &mut *kept.borrow_mut();
                if at != x {
                    at.copy_from_slice(x);
                    j.fill(0.0);
                    unsafe { jac(x.as_ptr(), q.as_ptr(), j.as_mut_ptr()) };
                }
                y.fill(0.0);
                for c in 0..n {
                    if v[c] != 0.0 {
                        (0..n).for_each(|r| y[r] += j[c * n + r] * v[c]);
                    }
                }
            },
        )
        .init(move |_p, _t, y| y.copy_from_slice(&begin), n)
        .build()
        .unwrap();
    let mut solver = problem.bdf::<NalgebraLU<f64>>().unwrap();
    stops
        .iter()
        .map(|&t| {
            while solver.state().t < t {
                solver.step().unwrap();
            }
            let y = solver.interpolate(t).unwrap();
            (0..n).map(|i| y[i]).collect()
        })
        .collect()
}

fn main() {
    let a: Vec<String> = std::env::args().collect();
    let sets: usize = a[4].parse().unwrap();
    let (p, y0) = (doubles(&a[2]), doubles(&a[3]));
    let width = p.len() / 1000;
    let stride = 1000 / sets;
    let mut q = vec![0.0; 4096];
    let mut out: Vec<f64> = vec![];
    let mut spent = 0.0;
    for k in (0..1000).step_by(stride).take(sets) {
        let row = &p[k * width..(k + 1) * width];
        let mut y = y0.clone();
        if a[1] == "w1" {
            unsafe { w1_prep(row.as_ptr(), q.as_mut_ptr()) };
            let laws: (Law, Law) = (w1_rhs, w1_jac);
            y = stretch(laws, &q, (0.0, &y), &[1e5]).pop().unwrap();
            y[0] = row[width - 1];
            let begin = Instant::now();
            let times = [15.0, 60.0, 120.0, 240.0, 480.0, 720.0, 1080.0, 1440.0];
            let found = stretch(laws, &q, (0.0, &y), &times);
            spent += begin.elapsed().as_secs_f64();
            out.extend(found.concat());
        } else {
            unsafe { w2_prep(row.as_ptr(), q.as_mut_ptr()) };
            let laws: (Law, Law) = (w2_rhs, w2_jac);
            let begin = Instant::now();
            let dose = |d: usize| if d < 14 { 8.0 * d as f64 } else { 336.0 + 8.0 * (d - 14) as f64 };
            let last = 12.0 + 24.0 * 179.0;
            let mut day = 0;
            for d in 0..28 {
                y[0] += row[0];
                let (from, to) = (dose(d), if d == 27 { last } else { dose(d + 1) });
                let mut stops = vec![];
                while day < 180 && 12.0 + 24.0 * day as f64 <= to {
                    stops.push(12.0 + 24.0 * day as f64);
                    day += 1;
                }
                let wanted = stops.len();
                if stops.last() != Some(&to) {
                    stops.push(to);
                }
                let found = stretch(laws, &q, (from, &y), &stops);
                out.extend(found[..wanted].concat());
                y.clone_from(&found[found.len() - 1]);
            }
            spent += begin.elapsed().as_secs_f64();
        }
    }
    let bytes: Vec<u8> = out.iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(&a[5], bytes).unwrap();
    println!("{}", spent * 1e6 / sets as f64);
}
