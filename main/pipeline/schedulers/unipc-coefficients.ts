/**
 * The weights rho of UniPC's differences: R rho = b with R_ij = r_j^(i-1) and b_i = i! phi_i(hh) / B(hh), where
 * phi_1 = expm1(hh) / hh and phi_{i+1} = (phi_i - 1 / i!) / hh. Entries in float32 like the reference's, solved in double.
 */

const { fround } = Math

/** One weight an entry of `ratios`. */
export function solveUniCoefficients(ratios: readonly number[], hh: number, solver: 'bh1' | 'bh2'): number[] {
  const n = ratios.length
  const phi1 = fround(Math.expm1(hh))
  const scale = solver === 'bh1' ? hh : phi1
  let phi = fround(fround(phi1 / hh) - 1)
  let factorial = 1
  const rows: number[][] = []
  for (let i = 1; i <= n; i++) {
    rows.push([...ratios.map(r => fround(r ** (i - 1))), fround(fround(phi * factorial) / scale)])
    factorial *= i + 1
    phi = fround(fround(phi / hh) - fround(1 / factorial))
  }
  return solveLinear(rows).map(fround)
}

/** Gaussian elimination with partial pivoting; each row ends with its right side. */
function solveLinear(rows: number[][]): number[] {
  const n = rows.length
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row
    }
    const swapped = rows[pivot]
    rows[pivot] = rows[column]
    rows[column] = swapped
    for (let row = column + 1; row < n; row++) {
      const factor = rows[row][column] / rows[column][column]
      for (let k = column; k <= n; k++) rows[row][k] -= factor * rows[column][k]
    }
  }
  const solution = new Array<number>(n).fill(0)
  for (let row = n - 1; row >= 0; row--) {
    let sum = rows[row][n]
    for (let k = row + 1; k < n; k++) sum -= rows[row][k] * solution[k]
    solution[row] = sum / rows[row][row]
  }
  return solution
}
