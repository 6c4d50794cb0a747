package dev.outboard.engine.control;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.vhostuser.FrontendProfile;
import java.nio.file.Path;

/**
 * What {@link GuestControl} must know of a guest beside who it is.
 *
 * @param socket where its VMM speaks vhost-user with us
 * @param listen whether we listen there; else we connect
 * @param mode permissions of the socket file when we listen
 * @param profile what kind of front-end its VMM has
 * @param queuePairs how many queue pairs it may have
 */
public record GuestPlan(
    GuestIdentity identity,
    Path socket,
    boolean listen,
    int mode,
    FrontendProfile profile,
    int queuePairs) {}
