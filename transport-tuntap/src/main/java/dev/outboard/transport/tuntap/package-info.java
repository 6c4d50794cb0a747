/**
 * The transport {@code tuntap}: one TAP per guest, one Linux bridge per network and tenant, both
 * made and owned by the sidecar. The stack that microVMs are usually given, and the one the others
 * are compared with: it needs nothing but the kernel.
 *
 * <pre>
 *   guest a --- port --- TAP ob2fkt0 --.
 *                                       bridge ob4k1v...  (network 7, tenant a)
 *   guest b --- port --- TAP ob2fkt1 --'
 *   guest c --- port --- TAP ob2fkt2 --- bridge ob9z0d...  (network 7, tenant b)
 * </pre>
 *
 * <p>The host's own stack stays off these devices: no addresses, no IPv6, no ARP. A bridge knows
 * its guests' addresses from the start and learns none.
 */
package dev.outboard.transport.tuntap;
