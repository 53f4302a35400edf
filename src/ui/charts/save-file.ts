import type { Picture } from './picture.ts';

/** Long after the browser has opened the file: an address that is withdrawn at once leaves Safari with an empty one. */
const WITHDRAW_AFTER_MS = 60_000;

/** Pixels of a picture per CSS pixel: sharp in print and on a projector. */
const PIXEL_RATIO = 2;

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), WITHDRAW_AFTER_MS);
}

/** The drawing as pixels; rejects where the browser cannot read the drawing or has no memory for so many. */
export async function toPng({ svg, width, height }: Picture): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * PIXEL_RATIO;
    canvas.height = height * PIXEL_RATIO;
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error(`no memory for ${canvas.width} x ${canvas.height} pixels`);
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
