import { ref } from 'vue';

/** Whether the map of keys is shown. */
export const keyMapShown = ref(false);
