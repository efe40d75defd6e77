/** Where the outcome of an earlier request is asked for; on its own so that the credential's test can read it. */
export const REQUEST_STATUS_PATH = '/v5/card-api/request/status';
