/* The paths of the Card API that tests look for on the wire, written out: a test does not take them from what it tests. */

export const CLOSE = '/v5/card-api/card/close';
export const LINK = '/v5/card-api/card/link';
export const UPDATE = '/v5/card-api/card/update';
export const SET_PIN = '/v5/card-api/card/set_pin';
export const RESET_PIN_COUNTER = '/v5/card-api/card/reset_counter_pin';
export const REFUND = '/v5/card-api/transaction/refund';
export const STATUS = '/v5/card-api/request/status';
export const GIFT = '/v5/cards/activate_card';
