// Whole messages of clients.
export { readMessage } from '../net/read.ts';
