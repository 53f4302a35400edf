import './ui/tokens.css';
import './ui/base.css';
import { keepPage } from './app/keep-page.ts';
import { nextTask } from './ui/next-task.ts';

/**
 * Runs the page's parts in tasks of their own, so that the browser paints and answers between them; as one they would be the page's longest
 * task. They are fetched at once: `index.html` preloads them all.
 */
async function start(root: HTMLElement): Promise<void> {
  // The browser reads its language data where they are first asked for.
  Intl.DateTimeFormat.supportedLocalesOf([navigator.language]);
  await nextTask();
  await import('./state/recorded-fields.ts');
  await nextTask();
  const { createPageStores } = await import('./state/page-stores.ts');
  await nextTask();
  const stores = createPageStores();
  await nextTask();
  const { mount } = await import('./app/mount.tsx');
  await nextTask();
  mount(root, stores);
}

function tellFailure(root: HTMLElement): void {
  const text = 'The code of this page could not be fetched. Check the connection, then reload the page.';
  root.firstElementChild?.append(Object.assign(document.createElement('p'), { role: 'alert', textContent: text }));
}

keepPage(window);
const root = document.getElementById('root');
if (root) void start(root).catch(() => tellFailure(root));
