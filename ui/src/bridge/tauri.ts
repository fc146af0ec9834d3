import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Bridge } from './bridge';

/** The bridge of a real window. */
export function tauriBridge(): Bridge {
  return {
    label: getCurrentWindow().label,
    call: (name, args) => invoke(name, args),
    onChange: (listener) => listen('changed', listener),
    pageUrl: (document, page, width) => `page://localhost/${document}/${page}/${Math.round(width)}`,
  };
}
