package dev.outboard.bench.parts;

import dev.outboard.engine.forwarding.AddressTable;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Who has an address. */
@State(Scope.Thread)
public class RouteParts extends Parts {
  private static final int CAPACITY = 4096;
  private static final int NETWORK = 1;

  /** Stations in the table. */
  @Param({"2", "126", "2500"})
  public int stations;

  private final AddressTable<Integer> table = new AddressTable<>(CAPACITY);
  private final long[] wanted = new long[CAPACITY];
  private int next;

  /** For JMH. */
  public RouteParts() {}

  /** Addresses like those of microVMs, asked for in an order that is drawn. */
  @Setup(Level.Trial)
  public void setUp() {
    for (int i = 0; i < stations; i++) {
      if (!table.add(NETWORK, 0, address(i), i)) {
        throw new IllegalStateException("the table is full");
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = address(random.nextInt(stations));
    }
  }

  private static long address(int number) {
    return 0x0200_0000_0000L + number;
  }

  /** One that is there. */
  @Benchmark
  public Integer find() {
    next = (next + 1) & (CAPACITY - 1);
    return table.find(NETWORK, 0, wanted[next]);
  }
}
