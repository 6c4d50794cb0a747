package dev.outboard.engine.control;

import dev.outboard.engine.forwarding.GuestIdentity;
import java.nio.file.Path;

/**
 * What {@link GuestControl} must know of a guest beside who it is.
 *
 * @param socket where its VMM speaks vhost-user with us
 * @param listen whether we listen there; else we connect
 * @param mode permissions of the socket file when we listen
 */
public record GuestPlan(GuestIdentity identity, Path socket, boolean listen, int mode) {}
