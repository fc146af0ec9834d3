// A loopback server for one run: the built gallery, the rules that run in the page, axe, and pages of paper.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paper } from './paper.mjs';

const ui = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.svg': 'image/svg+xml',
};

function file(path) {
  if (path === '/axe.js') return createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  if (path.startsWith('/checks/')) return join(ui, 'checks/screens/rules', path.slice('/checks/'.length));
  return join(ui, 'dist-gallery', path);
}

/** A page without words: what is on paper is not judged, and its fonts are dear. */
const BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="595" height="842"><rect width="595" height="842" fill="#fff"/></svg>';

async function answer(path, blankPaper) {
  const page = /^\/pages\/([\w-]+)\/(\d+)\.png$/.exec(path);
  if (page) return { type: TYPES['.svg'], body: blankPaper ? BLANK : await paper(page[1], Number(page[2])) };
  if (path === '/favicon.ico') return { type: TYPES['.svg'], body: '<svg xmlns="http://www.w3.org/2000/svg"/>' };
  const wanted = file(normalize(path));
  return { type: TYPES[extname(wanted)] ?? 'application/octet-stream', body: await readFile(wanted) };
}

/** Starts it on a free port of the loopback interface. */
export async function serve({ blankPaper = false } = {}) {
  const server = createServer((request, response) => {
    answer(new URL(request.url, 'http://localhost').pathname, blankPaper).then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=3600' }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
