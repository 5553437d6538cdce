//! Small dense systems of linear equations: what a Newton step and a covariance need.

/// The inverse of a square matrix by Gauss-Jordan elimination with partial pivoting; `None` where it is singular or not
/// square.
pub fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    if matrix.iter().any(|row| row.len() != n) {
        return None;
    }
    let mut left = matrix.to_vec();
    let mut right: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    let scale = matrix.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| {
            let (a, b) = (left[*a][column].abs(), left[*b][column].abs());
            a.total_cmp(&b)
        })?;
        left.swap(column, pivot);
        right.swap(column, pivot);
        let head = left[column][column];
        if head.is_nan() || head.abs() <= 1e-14 * scale {
            return None;
        }
        for side in [&mut left, &mut right] {
            side[column].iter_mut().for_each(|v| *v /= head);
        }
        for row in 0..n {
            let factor = left[row][column];
            if row == column || factor == 0.0 {
                continue;
            }
            for side in [&mut left, &mut right] {
                let pivot = side[column].clone();
                for (value, pivot) in side[row].iter_mut().zip(pivot) {
                    *value -= factor * pivot;
                }
            }
        }
    }
    Some(right)
}

/// Matrix times vector.
pub fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    let dot = |row: &Vec<f64>| row.iter().zip(vector).map(|(a, b)| a * b).sum();
    matrix.iter().map(dot).collect()
}

/// A·B·A for square matrices of one size: the sandwich of a covariance.
pub fn sandwich(bread: &[Vec<f64>], filling: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let product = |a: &[Vec<f64>], b: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let cell = |i: usize, j: usize| (0..b.len()).map(|k| a[i][k] * b[k][j]).sum();
        (0..a.len())
            .map(|i| (0..b.len()).map(|j| cell(i, j)).collect())
            .collect()
    };
    product(&product(bread, filling), bread)
}

/// The place where a concave function of some parameters is highest, by Newton steps that are halved until they climb.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// The parameters.
    pub at: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// The inverse of the negative Hessian there.
    pub covariance: Vec<Vec<f64>>,
    /// Whether no step climbed any more.
    pub converged: bool,
}

/// A function's value, gradient and negative Hessian at a point.
pub type Slope = (f64, Vec<f64>, Vec<Vec<f64>>);

/// Climbs from `start`; `None` where the Hessian is singular. A value that is not finite counts as outside the domain.
pub fn climb(start: Vec<f64>, slope: impl Fn(&[f64]) -> Slope) -> Option<Peak> {
    let mut at = start;
    let (mut value, mut gradient, mut hessian) = slope(&at);
    for _ in 0..200 {
        let covariance = inverse(&hessian)?;
        let step = times(&covariance, &gradient);
        let gain: f64 = step.iter().zip(&gradient).map(|(a, b)| a * b).sum();
        // below what the value itself can show
        if gain <= 1e-18 * value.abs().max(1.0) {
            let converged = true;
            return Some(Peak {
                at,
                value,
                covariance,
                converged,
            });
        }
        let mut size = 1.0;
        let next = loop {
            let to: Vec<f64> = at.iter().zip(&step).map(|(a, s)| a + size * s).collect();
            let found = slope(&to);
            if found.0.is_finite() && found.0 >= value {
                break Some((to, found));
            }
            size /= 2.0;
            if size < 1e-10 {
                break None;
            }
        };
        let Some((to, found)) = next else {
            // rounding hides any further climb
            let converged = gain <= 1e-9 * value.abs().max(1.0);
            return Some(Peak {
                at,
                value,
                covariance,
                converged,
            });
        };
        at = to;
        (value, gradient, hessian) = found;
    }
    let covariance = inverse(&hessian)?;
    Some(Peak {
        at,
        value,
        covariance,
        converged: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let matrix = vec![
            vec![0.0, 2.0, 1.0],
            vec![1.0, -1.0, 0.5],
            vec![3.0, 0.0, 4.0],
        ];
        let inverse = inverse(&matrix).unwrap();
        let back = times(&inverse, &times(&matrix, &[1.0, 2.0, 3.0]));
        assert!(
            back.iter()
                .zip([1.0, 2.0, 3.0])
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
    }

    #[test]
    fn singular_and_misshapen_matrices_have_none() {
        assert_eq!(inverse(&[vec![1.0, 2.0], vec![2.0, 4.0]]), None);
        assert_eq!(inverse(&[vec![1.0, 2.0]]), None);
    }
}
