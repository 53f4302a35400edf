// Which Chromium the browser tests drive. Order: RECALL_CHROMIUM, Playwright's own, the system's, else install one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const SYSTEM_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = SYSTEM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
  const path = found ?? SYSTEM_PATHS.find((each) => existsSync(each)) ?? null;
  return path && starts(path) ? path : null;
}

/** Whether it starts: one that was downloaded may lack the system's libraries. */
function starts(path) {
  // On Windows --version opens a window.
  return process.platform === 'win32' || spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}

function playwrightsOwn() {
  const path = chromium.executablePath();
  return path && existsSync(path) && starts(path) ? path : null;
}

function run(command, args) {
  console.log(`  $ ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

function installWithApt() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return false;
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? [] : ['sudo', '-n'];
  const apt = (...args) => run(...splitHead([...prefix, 'apt-get', ...args]));
  return apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
}

function splitHead([command, ...args]) {
  return [command, args];
}

/** Path of a Chromium that exists, and a sentence on where it came from; installs one where there is none. */
export function findChromium() {
  const named = process.env.RECALL_CHROMIUM;
  if (named) {
    if (!existsSync(named)) throw new Error(`RECALL_CHROMIUM names ${named}, which does not exist.`);
    return { path: named, from: 'RECALL_CHROMIUM' };
  }
  const own = playwrightsOwn();
  if (own) return { path: own, from: "Playwright's own" };
  const system = onPath();
  if (system) return { path: system, from: "the system's" };

  console.log('No Chromium found. Installing one with Playwright ...');
  // The libraries that it needs come from the system's packages, which only root may install.
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  run('npx', ['playwright', 'install', ...(isRoot ? ['--with-deps'] : []), 'chromium']);
  const installed = playwrightsOwn();
  if (installed) return { path: installed, from: "Playwright's installer" };

  console.log("Playwright could not install one. Trying the distribution's package ...");
  installWithApt();
  const packaged = onPath();
  if (packaged) return { path: packaged, from: "the distribution's package, just installed" };
  throw new Error(
    'No Chromium could be found or installed. Install Chrome or Chromium, or set RECALL_CHROMIUM to its path.',
  );
}

/** Flags under which headless Chromium offers WebGPU in software, and stays off the network. */
export const WEBGPU_FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
