import { AppError } from '../core/errors.ts';

/** The loss of a device is told within a few milliseconds of the run that it breaks; an error that is none waits this long once. */
const LOSS_DELAY_MS = 250;

/** Watches a device for its loss; without a device there is none. */
export class DeviceLoss {
  private readonly device: GPUDevice | null;
  private reason: string | null = null;

  constructor(device: GPUDevice | null) {
    this.device = device;
    void device?.lost.then((info) => {
      this.reason = info.message === '' ? info.reason : info.message;
    });
  }

  get isLost(): boolean {
    return this.reason !== null;
  }

  /** A run on a device that was just lost rejects before the browser tells of the loss (destroyed in mid-run, 1.30.0): gives it that moment. */
  async settle(): Promise<void> {
    if (this.device === null) return;
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_DELAY_MS))]);
  }

  toError(cause?: unknown): AppError {
    const message = 'The graphics device was lost. Your work is kept; the model is loaded again on a new device.';
    return new AppError('device-lost', message, { raw: this.reason ?? '' }, cause);
  }
}
