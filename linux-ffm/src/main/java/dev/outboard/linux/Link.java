package dev.outboard.linux;

/**
 * A network device as the kernel described it at one moment.
 *
 * @param index the kernel's number for it, never given twice in one namespace
 * @param name what it is called
 * @param kind such as {@code bridge} or {@code tun}; empty for a plain device
 * @param alias free text that an owner has put on it; empty if none
 * @param master index of the bridge it is a port of, or 0
 * @param group a number that an owner has put on it, so that many are handled as one; 0 if none
 * @param mtu the largest payload
 * @param mac the address, in the lower 48 bits
 * @param up whether it has been set up
 */
public record Link(
    int index,
    String name,
    String kind,
    String alias,
    int master,
    int group,
    int mtu,
    long mac,
    boolean up) {}
