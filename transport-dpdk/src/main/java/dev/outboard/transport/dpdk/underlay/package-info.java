/**
 * The IP host that a DPDK device needs: no kernel speaks ARP, IP and UDP for it. Pure Java on bytes
 * that the caller owns; no I/O, and no allocation on the way of a frame. Called by the transport's
 * ports, which send what is written here and hand over what has arrived.
 *
 * <pre>
 *   control thread --> NextHops --> Neighbours          peers opened: neighbours to be resolved
 *                          |            |
 *   worker --> Underlay ---+------------+               encapsulate, decapsulate, answer, request
 * </pre>
 */
package dev.outboard.transport.dpdk.underlay;
