// The suite inside the extension host. VS Code calls `run`; each part adds its tests.
import { activation } from './activation.ts';
import { mainJob } from './main-job.ts';
import { runTests } from './runner.ts';

export function run(): Promise<void> {
  activation();
  mainJob();
  return runTests();
}
