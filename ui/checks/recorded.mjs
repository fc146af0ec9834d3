// Prints what the gallery's scenes have recorded, as JSON: the status strip and the read models of each scene that has
// both. The program's own rules are then held against them (`crates/client/tests/recorded_answers.rs`).
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

// Some answers remember for the window what was typed before.
globalThis.sessionStorage = { getItem: () => null, setItem: () => undefined };

const root = fileURLToPath(new URL('..', import.meta.url));
const server = await createServer({ root, configFile: `${root}/vite.gallery.ts`, logLevel: 'error', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
try {
  const found = [];
  for (const file of readdirSync(`${root}/src/fixtures`).filter((name) => name.endsWith('.scenes.ts'))) {
    const { scenes } = await server.ssrLoadModule(`/src/fixtures/${file}`);
    found.push(...scenes);
  }
  const answered = (reply) => {
    const answer = typeof reply === 'function' ? reply({}) : reply;
    return typeof answer === 'object' && answer !== null && !('fails' in answer) ? answer : undefined;
  };
  const recorded = found.map(({ window, screen, state, replies }) => ({ scene: `${window}/${screen}/${state}`, window, status: answered(replies.status), view: answered(replies[`${window}_view`]) }));
  process.stdout.write(JSON.stringify(recorded.filter(({ status, view }) => status && view)));
} finally {
  await server.close();
}
