/**
 * The smallest transports that keep the whole contract: frames go from one uplink, or guest, of
 * this process to another. To read before writing one, and to use where a test needs a transport.
 */
package dev.outboard.testkit.loopback;
