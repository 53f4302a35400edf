/** A file that was dropped or chosen, not yet read. */
export interface DroppedFile {
  /** Its name; a folder's ends in a slash. */
  path: string;
  sizeBytes: number;
  /** Rejects where it is gone, has changed since, or is a folder. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

export function toDroppedFile(file: File): DroppedFile {
  return { path: file.name, sizeBytes: file.size, read: async () => new Uint8Array(await file.arrayBuffer()) };
}

/** What cannot be had, told when it is read: a folder, or a file that is gone already. */
export function toUnreadableFile(path: string, error: unknown): DroppedFile {
  return { path, sizeBytes: 0, read: () => Promise.reject(error) };
}

/** All that a drag brought; to be called while its event is heard, since nothing can be read of it later. */
export function toDroppedFiles({ items }: DataTransfer): readonly DroppedFile[] {
  return [...items].flatMap((item) => {
    const file = item.getAsFile();
    if (item.kind !== 'file' || file === null) return [];
    const isFolder = item.webkitGetAsEntry?.()?.isDirectory === true;
    return [isFolder ? toUnreadableFile(`${file.name}/`, new TypeError('a folder')) : toDroppedFile(file)];
  });
}
