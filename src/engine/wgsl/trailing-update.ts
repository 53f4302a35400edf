/** Rows and columns of the part of the result that one workgroup computes. */
export const TILE = 64;
// Inner indices that a workgroup holds at a time: its tiles take 8 KiB of the 16 that every device has.
const INNER = 16;
// 16 x 16 invocations, the most that every device has; each computes 4 x 4 values, so that what is held is used 4 times.
const THREADS = 16;
const SIDE = TILE / THREADS;

/**
 * The trailing update of the OBS walk (Frantar et al. 2022, arXiv 2210.17323) in float32: adds `errors root_rows` to what is taken from the
 * columns behind a block. `errors` is `[rows, k]`, `root_rows` `[k, behind]`, `taken` `[columns, rows]`, transposed so that
 * the columns of a block lie in one piece; its first changed column is `next`.
 */
export const TRAILING_UPDATE_WGSL = `
struct Sizes { rows: u32, k: u32, behind: u32, next: u32 }

@group(0) @binding(0) var<storage, read> sizes: Sizes;
@group(0) @binding(1) var<storage, read> errors: array<f32>;
@group(0) @binding(2) var<storage, read> root_rows: array<f32>;
@group(0) @binding(3) var<storage, read_write> taken: array<f32>;

// One value of padding a row keeps neighbours that write down a column out of each other's memory bank.
var<workgroup> errors_tile: array<array<f32, ${TILE + 1}>, ${INNER}>; // [inner, row]
var<workgroup> root_tile: array<array<f32, ${TILE}>, ${INNER}>; // [inner, column]

fn load_tiles(first_row: u32, first_column: u32, inner: u32, index: u32) {
  for (var at = index; at < ${TILE * INNER}u; at += ${THREADS * THREADS}u) {
    let row = first_row + at / ${INNER}u;
    let error_k = inner + at % ${INNER}u;
    var error = 0.0;
    if (row < sizes.rows && error_k < sizes.k) { error = errors[row * sizes.k + error_k]; }
    errors_tile[at % ${INNER}u][at / ${INNER}u] = error;

    let column = first_column + at % ${TILE}u;
    let root_k = inner + at / ${TILE}u;
    var factor = 0.0;
    if (column < sizes.behind && root_k < sizes.k) { factor = root_rows[root_k * sizes.behind + column]; }
    root_tile[at / ${TILE}u][at % ${TILE}u] = factor;
  }
}

@compute @workgroup_size(${THREADS}, ${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.x * ${TILE}u;
  let first_column = group.y * ${TILE}u;
  var sums: array<vec4f, ${SIDE}>; // [column, row]

  for (var inner = 0u; inner < sizes.k; inner += ${INNER}u) {
    load_tiles(first_row, first_column, inner, index);
    workgroupBarrier();
    for (var i = 0u; i < ${INNER}u; i++) {
      let rows = vec4f(
        errors_tile[i][local.x],
        errors_tile[i][local.x + ${THREADS}u],
        errors_tile[i][local.x + ${2 * THREADS}u],
        errors_tile[i][local.x + ${3 * THREADS}u],
      );
      for (var c = 0u; c < ${SIDE}u; c++) { sums[c] += rows * root_tile[i][local.y + c * ${THREADS}u]; }
    }
    workgroupBarrier();
  }

  for (var c = 0u; c < ${SIDE}u; c++) {
    let column = first_column + local.y + c * ${THREADS}u;
    for (var r = 0u; r < ${SIDE}u; r++) {
      let row = first_row + local.x + r * ${THREADS}u;
      if (row < sizes.rows && column < sizes.behind) {
        taken[(sizes.next + column) * sizes.rows + row] += sums[c][r];
      }
    }
  }
}
`;
