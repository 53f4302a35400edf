import { toPicture } from '../../ui/charts/picture.ts';
import { toPng } from '../../ui/charts/save-file.ts';
import { nextTask } from '../../ui/next-task.ts';

export type PictureFormat = 'png' | 'svg';

/** Every figure that the page draws now, one picture each, as it is seen; what a shut tab holds is not drawn. */
export async function drawCharts(
  format: PictureFormat,
): Promise<readonly { path: string; content: string | Uint8Array }[]> {
  const figures = [...document.querySelectorAll('main figure[aria-labelledby]')];
  const files: { path: string; content: string | Uint8Array }[] = [];
  for (const figure of figures) {
    await nextTask();
    const title = document.getElementById(figure.getAttribute('aria-labelledby') ?? '')?.textContent ?? 'Chart';
    const parts = [...figure.querySelectorAll(':scope > [data-picture]')];
    const picture = toPicture(parts.length > 0 ? parts : [figure], title);
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const path = `${String(files.length + 1).padStart(2, '0')}_${name}.${format}`;
    const content = format === 'svg' ? picture.svg : new Uint8Array(await (await toPng(picture)).arrayBuffer());
    files.push({ path, content });
  }
  return files;
}
