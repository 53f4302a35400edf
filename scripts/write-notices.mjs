// Writes THIRD_PARTY_NOTICES.md: `node scripts/write-notices.mjs` after a dependency changed.
import { writeFile } from 'node:fs/promises';
import { listPackages, toNotices } from './third-party.mjs';

await writeFile(new URL('../THIRD_PARTY_NOTICES.md', import.meta.url), await toNotices());
console.log(`${(await listPackages()).length} packages`);
