// Which desk a window shows, by its label.
import { defineAsyncComponent, type Component } from 'vue';

const LOADERS: Record<string, () => Promise<Component>> = {
  entry: () => import('./entry/EntryWindow.vue'),
  expert: () => import('./expert/ExpertWindow.vue'),
  clerk: () => import('./clerk/ClerkWindow.vue'),
  hall: () => import('./clerk/HallWindow.vue'),
  purchaser: () => import('./purchaser/PurchaserWindow.vue'),
  holder: () => import('./holder/HolderWindow.vue'),
  supervisor: () => import('./supervisor/SupervisorWindow.vue'),
  operator: () => import('./operator/OperatorWindow.vue'),
  verifier: () => import('./verifier/VerifierWindow.vue'),
  rulebook: () => import('./rulebook/RulebookWindow.vue'),
};

export const DESKS: Record<string, Component> = Object.fromEntries(Object.entries(LOADERS).map(([label, load]) => [label, defineAsyncComponent(load)]));

/** Begins to fetch a window's desk while other things are asked. */
export function fetchDesk(label: string): void {
  void LOADERS[label]?.();
}
