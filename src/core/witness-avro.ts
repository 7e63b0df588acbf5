// The door for a worker that proves Avro breaks: it alone loads avsc, which needs Node's buffers.
export { searchAvroWitness } from './contracts/witness/avro.ts';
