// Which desk a window shows, by its label.
import { defineAsyncComponent, type Component } from 'vue';

export const DESKS: Record<string, Component> = {
  entry: defineAsyncComponent(() => import('./entry/EntryWindow.vue')),
  expert: defineAsyncComponent(() => import('./expert/ExpertWindow.vue')),
  clerk: defineAsyncComponent(() => import('./clerk/ClerkWindow.vue')),
  hall: defineAsyncComponent(() => import('./clerk/HallWindow.vue')),
  purchaser: defineAsyncComponent(() => import('./purchaser/PurchaserWindow.vue')),
  holder: defineAsyncComponent(() => import('./holder/HolderWindow.vue')),
  supervisor: defineAsyncComponent(() => import('./supervisor/SupervisorWindow.vue')),
  operator: defineAsyncComponent(() => import('./operator/OperatorWindow.vue')),
  verifier: defineAsyncComponent(() => import('./verifier/VerifierWindow.vue')),
};
