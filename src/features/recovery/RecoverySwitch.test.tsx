import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeResultSet } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makeTimeComparisons } from '../../testing/make-timings.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { Headline } from './Headline.tsx';
import { RecoverySwitch } from './RecoverySwitch.tsx';

describe('the switch', () => {
  it('has two states, IDP and LoRA-merged, and one is always on', () => {
    renderWithStores(<RecoverySwitch />);
    const states = screen.getAllByRole<HTMLInputElement>('radio');
    expect(states.map((radio) => radio.value)).toEqual(['idp', 'lora-merged']);
    expect(states.filter((radio) => radio.checked)).toHaveLength(1);
  });

  it('moves the headline figures to the other recovery', () => {
    renderWithStores(
      <>
        <RecoverySwitch />
        <Headline />
      </>,
    );
    expect(screen.getByRole('region', { name: 'Figures of IDP' }).textContent).toContain('8,192');
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(screen.getByRole('region', { name: 'Figures of LoRA-merged' }).textContent).toContain('77,312');
  });
});

describe('the headline', () => {
  it('says of recorded figures that they are recorded, where and when', () => {
    renderWithStores(<Headline />);
    expect(screen.getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('prefers live figures and says that they are live', () => {
    renderWithStores(<Headline />, makeStores({ evaluate: { live: makeResultSet() } }));
    expect(screen.getByText('measured here on Test adapter (WebGPU), 21 Nov 2026')).toBeDefined();
    expect(screen.queryByText(/^recorded on/)).toBeNull();
  });

  it('gives every accuracy, the damage and every latency its interval and count, and says what brackets are', () => {
    const timeComparisons = makeTimeComparisons({ compressed: 11, idp: 13 });
    renderWithStores(<Headline />, makeStores({ evaluate: { live: makeResultSet({ timeComparisons }) } }));
    const text = (screen.getByRole('region', { name: 'Figures of IDP' }).textContent ?? '').replaceAll('\u00a0', ' ');
    expect(text).toContain('[73.0, 79.0] on 200 items; compressed 62.0 % [61.0, 63.0]; dense 99.0 % [98.0, 100.0]');
    expect(text).toContain('[37, 53] of the loss, −37.0 points [−40.0, −34.0], paired');
    expect(text).toContain('[11.5 ms to 14.5 ms] in 30 runs; compressed 11.0 ms [9.50 ms to 12.5 ms], +');
    expect(text).toMatch(/\+1\d\.\d % \[1\d\.\d, 1\d\.\d\], paired/);
    expect(text).toContain('In brackets 95 % intervals over 180 subjects, cluster bootstrap');
  });

  it('hides the recovered share while it is not known', () => {
    const rows = makeResultSet().rows.map((row) => ({ ...row, recovered: null }));
    renderWithStores(<Headline />, makeStores({ evaluate: { live: makeResultSet({ rows }) } }));
    expect(screen.getByText('Damage recovered').parentElement?.textContent).toContain('–');
  });

  it('has nothing to say of a recipe that nobody recorded or ran', () => {
    renderWithStores(<Headline />, makeStores({ recipe: { presetId: null } }));
    expect(screen.getByText(/No results were recorded for this recipe/)).toBeDefined();
  });
});
