import { Agent, setGlobalDispatcher } from 'undici';

/*
 * A connection for each request of a test. One that is kept open for the next request is closed by n8n after a few seconds, and where n8n was
 * too busy to close it in time, it closes it under that next request.
 */
setGlobalDispatcher(new Agent({ pipelining: 0 }));
