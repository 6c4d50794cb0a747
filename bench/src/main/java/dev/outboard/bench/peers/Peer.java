package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import java.nio.file.Path;
import java.util.List;

/**
 * A switch between two vhost-user sockets, on one processor. Used by the benchmark's thread only;
 * it is paused but in its turns.
 */
sealed interface Peer extends AutoCloseable permits OutboardPeer, VhostPeer, OvsPeer {
  /** The arms it can be: as users name them. */
  List<String> arms();

  /** Where its two ports listen. */
  List<Path> sockets();

  /** After the guests have connected: what it wants done before the first turn. */
  default void connected() throws UserException {}

  /** Makes it one of its arms. */
  default void become(String arm) throws UserException {}

  /** What it is made of, in the order in which they start. */
  List<ForeignProcess> processes();

  default void resume() throws UserException {
    for (ForeignProcess process : processes()) {
      process.resume();
    }
  }

  default void pause() throws UserException {
    for (ForeignProcess process : processes().reversed()) {
      process.pause();
    }
  }

  @Override
  default void close() {
    processes().reversed().forEach(ForeignProcess::close);
  }
}
