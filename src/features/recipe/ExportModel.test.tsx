import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { ExportModel } from './ExportModel.tsx';

afterEach(() => vi.restoreAllMocks());

describe('the export of the running model', () => {
  it('says before it writes what each folder takes', () => {
    renderWithStores(<ExportModel />);
    expect(screen.getByRole('button', { name: /^Compressed checkpoint 1\.10.MB$/ })).toBeDefined();
    expect(screen.getByRole('button', { name: /^ONNX folder 4\.20.MB$/ })).toBeDefined();
  });

  it('hands the file to the downloads of the browser', async () => {
    const saved: string[] = [];
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    const write = async (format: string) => ({ name: `atlas-${format}.zip`, zip: new Blob(['zip']) });
    renderWithStores(<ExportModel />, makeStores({ exports: { write } }));
    fireEvent.click(screen.getByRole('button', { name: /^ONNX folder/ }));
    await waitFor(() => expect(saved).toEqual(['atlas-onnx.zip']));
  });

  it('offers no folder that cannot hold the model, and says why and what to choose', () => {
    const message = 'The layers keep 2 and 1 key/value heads. Choose the lowest heads within each layer alike.';
    const refusal = { code: 'limit-exceeded' as const, message, details: {} };
    renderWithStores(<ExportModel />, makeStores({ exports: { sizes: { compressed: 7, onnx: refusal } } }));
    expect(screen.getByRole('button', { name: /^ONNX folder/ }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByRole('button', { name: /^Compressed/ }).hasAttribute('disabled')).toBe(false);
    const onnx = screen.getByRole('button', { name: /^ONNX folder/ });
    expect(document.getElementById(onnx.getAttribute('aria-describedby') ?? '')?.textContent).toBe(message);
  });

  it('can be stopped while it writes, and says how far it is', () => {
    let stops = 0;
    const phase = { status: 'writing', format: 'onnx', share: 0.5, file: 'onnx/model.onnx' } as const;
    const stores = makeStores({ exports: { phase, stop: () => stops++ } });
    renderWithStores(<ExportModel />, stores);
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stops).toBe(1);
  });

  it('says what went wrong', () => {
    const error = { code: 'internal' as const, message: 'There was no room.', details: {} };
    renderWithStores(<ExportModel />, makeStores({ exports: { phase: { status: 'failed', error } } }));
    expect(screen.getByRole('alert').textContent).toContain('There was no room.');
  });
});
