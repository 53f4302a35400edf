/** Keeps the page open whatever is dropped on it: left alone, a browser opens a file or a link in its place. Places that take files hear of them first. */
export function keepPage(target: Window): void {
  for (const type of ['dragover', 'drop'] as const) {
    target.addEventListener(type, (event) => {
      const { types = [] } = event.dataTransfer ?? {};
      const isText = event.target instanceof Element && event.target.closest('input, textarea') !== null;
      if (types.includes('Files') || (types.includes('text/uri-list') && !isText)) event.preventDefault();
    });
  }
}
