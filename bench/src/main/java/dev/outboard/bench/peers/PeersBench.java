package dev.outboard.bench.peers;

import dev.outboard.bench.Scratch;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Measures the arms in turns. All of them run from the start; those whose turn it is not are
 * stopped. In a round each cell is measured of every arm, in an order that is drawn. A cell is done
 * when each pair of arms has as many rounds in one state of the processors as are wanted.
 */
final class PeersBench implements AutoCloseable {
  /** Of 2 MiB: each process of testpmd takes 256 MiB, Open vSwitch twice as much. */
  private static final int HUGE_PAGES_EACH = 128;

  private static final int MOST_TIMES = 4;
  private static final int WARM_UP_MILLIS = 3000;
  private static final int MOST_WARM_UPS = 4;

  /** A peer and the guests that are connected to it. */
  private record Side(Peer peer, Guests guests) {}

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Side> sides = new ArrayList<>();
  private final Cpus cpus;
  private final List<String> arms;
  private final Random random = new Random();

  /**
   * Starts everything.
   *
   * @param peers the arms to compare with
   */
  PeersBench(List<String> peers, Cpus cpus) throws UserException, IOException {
    this.cpus = cpus;
    arms = new ArrayList<>(List.of(OutboardPeer.NAME));
    arms.addAll(peers);
    boolean vhost = peers.contains(VhostPeer.NAME);
    boolean ovs = peers.contains(OvsPeer.NORMAL) || peers.contains(OvsPeer.DIRECT);
    try {
      open.add(new HugePages(HUGE_PAGES_EACH * (1 + (vhost ? 2 : 0) + (ovs ? 3 : 0))));
      Scratch scratch = new Scratch();
      open.add(scratch);
      Path folder = scratch.directory();
      add(new OutboardPeer(sub(folder, "outboard"), cpus.second()));
      if (vhost) {
        add(new VhostPeer(sub(folder, "vhost"), cpus.second()));
      }
      if (ovs) {
        add(new OvsPeer(sub(folder, "ovs"), cpus.second()));
      }
    } catch (UserException | IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Path sub(Path folder, String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private void add(Peer peer) throws UserException {
    open.add(peer);
    Guests guests = new Guests(peer.arms().getFirst(), peer.sockets(), cpus.first());
    open.add(guests);
    peer.connected();
    guests.pause();
    peer.pause();
    sides.add(new Side(peer, guests));
  }

  /**
   * Runs.
   *
   * @param rounds how many pairs in one state are wanted of each cell
   * @param progress gets a word about each round
   */
  List<Turn> run(List<Cell> cells, int rounds, long millis, Consumer<String> progress)
      throws UserException, InterruptedException {
    List<Turn> turns = new ArrayList<>();
    for (String arm : arms) {
      warmUp(cells.getFirst(), arm);
    }
    for (int round = 1; round <= rounds * MOST_TIMES; round++) {
      List<Cell> left = cells.stream().filter(cell -> !isDone(turns, cell, rounds)).toList();
      if (left.isEmpty()) {
        break;
      }
      for (Cell cell : left) {
        List<String> order = new ArrayList<>(arms);
        Collections.shuffle(order, random);
        for (String arm : order) {
          Turn turn = turn(round, cell, arm, millis);
          if (turn.framesPerSecond() == 0) {
            throw new UserException(
                "%s has forwarded nothing in round %d, so there is nothing to compare; start anew"
                    .formatted(arm, round));
          }
          turns.add(turn);
        }
      }
      progress.accept("round " + round + ", " + left.size() + " cells");
    }
    return turns;
  }

  /** A switch may need a while before it polls its ports. */
  private void warmUp(Cell cell, String arm) throws UserException, InterruptedException {
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      if (turn(0, cell, arm, WARM_UP_MILLIS).framesPerSecond() > 0) {
        return;
      }
    }
    throw new UserException(
        "%s forwards nothing, also not after %d s"
            .formatted(arm, MOST_WARM_UPS * WARM_UP_MILLIS / 1000));
  }

  private boolean isDone(List<Turn> turns, Cell cell, int rounds) {
    return arms.stream()
        .filter(arm -> !arm.equals(OutboardPeer.NAME))
        .allMatch(arm -> Pairs.of(turns, cell, arm).size() >= rounds);
  }

  private Turn turn(int round, Cell cell, String arm, long millis)
      throws UserException, InterruptedException {
    Side side =
        sides.stream().filter(one -> one.peer().arms().contains(arm)).findFirst().orElseThrow();
    double before = CoreState.measure(cpus);
    side.peer().resume();
    side.guests().resume();
    side.peer().become(arm);
    double rate = side.guests().rate(cell, millis);
    side.guests().pause();
    side.peer().pause();
    double after = CoreState.measure(cpus);
    return new Turn(round, cell, arm, rate, CoreState.between(before, after));
  }

  @Override
  public void close() {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        // The others are to end as well; a janitor removes what this one leaves.
      }
    }
    open.clear();
  }
}
