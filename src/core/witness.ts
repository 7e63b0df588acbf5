// The door for the worker that proves contract breaks: it alone loads the validators, and it can be killed.
export { searchWitness } from './contracts/witness/search.ts';
