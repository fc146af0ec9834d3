import { tauriBridge } from '@/bridge/tauri';
import { start } from '@/start';

void start(tauriBridge());
