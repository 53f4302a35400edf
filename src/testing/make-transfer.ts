/** `recorded/transfer.json` of two recipes, as `training/transfer.py` writes it: 100 questions of 40 subjects, invented. */
export function makeTransferFile() {
  const accuracy = [0.9, 0.88, 0.92];
  // 40 subjects: 30 of 100 questions more are right, none, and 3.
  const better = [0.2, 0.4, -1, [2, 10, 24, 4]];
  const alike = [-0.02, 0.02, 0, [40]];
  const hardly = [-0.05, 0.11, -1, [6, 25, 9]];
  const cells = [
    [
      [accuracy, better],
      [accuracy, alike],
    ],
    [
      [accuracy, hardly],
      [accuracy, better],
    ],
  ];
  return {
    version: 2,
    device: 'CPU, PyTorch',
    date: '2026-11-21T00:00:00Z',
    questions: 100,
    subjects: 40,
    recipes: ['magnitude-mild', 'rtn-severe'],
    dense: [0.99, 0.98, 1],
    compressed: [
      [0.6, 0.5, 0.7],
      [0.4, 0.3, 0.5],
    ],
    repairs: { single: cells, 'pool-routed': cells, 'lora-r8': cells },
    idpAgainstLora: [
      [hardly, null],
      [better, hardly],
    ] as unknown[][],
  };
}
