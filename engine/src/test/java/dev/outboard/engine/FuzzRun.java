package dev.outboard.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.sessions.JqwikSession;

/**
 * Runs one fuzz target: its corpus first, then inputs that jqwik makes from a seed, new ones and
 * changed ones of the corpus and of what came lately. An input that fails is written down beside
 * the build's output, to become part of the corpus with the repair.
 */
public final class FuzzRun {
  private static final int LONGEST = 600;
  private static final int KEPT = 256;
  private static final int GENERATIONS = 1000;

  private final String name;
  private final Target target;
  private final List<byte[]> pool = new ArrayList<>();
  private final int corpus;

  /** What is done with an input; anything thrown is a find. */
  public interface Target {
    /** Does it. */
    void run(FuzzInput input) throws Exception;
  }

  /** A target with the corpus of its name. */
  public FuzzRun(String name, Target target) {
    this.name = name;
    this.target = target;
    pool.add(new byte[0]);
    pool.addAll(corpus(name));
    corpus = pool.size();
  }

  private static List<byte[]> corpus(String name) {
    Path directory = Path.of("src/test/resources/fuzz", name);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().map(FuzzRun::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return HexFormat.of().parseHex(Files.readString(file).replaceAll("\\s", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs for so long, prints a figure, and returns how many inputs there were. */
  public long run(long seed, double seconds) throws Exception {
    JqwikSession.start();
    try {
      RandomGenerator<byte[]> inputs = Arbitraries.randomValue(this::change).generator(GENERATIONS);
      Random random = new Random(seed);
      long start = System.nanoTime();
      long count = 0;
      for (byte[] input : List.copyOf(pool)) {
        run(input, seed);
        count++;
      }
      while (System.nanoTime() - start < seconds * 1e9) {
        byte[] input = inputs.next(random).value();
        run(input, seed);
        keep(input, random);
        count++;
      }
      System.out.printf(
          "figure: fuzz %s: %d executions, %.0f a second, corpus %d, seed %d, 0 crashes%n",
          name, count, count / ((System.nanoTime() - start) / 1e9), corpus, seed);
      return count;
    } finally {
      JqwikSession.finish();
    }
  }

  private void run(byte[] input, long seed) {
    try {
      target.run(new FuzzInput(input));
    } catch (Exception | Error e) {
      throw new AssertionError(
          "fuzz %s, seed %d: %s; the input is in %s".formatted(name, seed, e, write(input)), e);
    }
  }

  private Path write(byte[] input) {
    try {
      Path directory = Files.createDirectories(Path.of("target", "fuzz", name));
      String hex = HexFormat.of().formatHex(input);
      return Files.writeString(directory.resolve(Integer.toHexString(hex.hashCode())), hex);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void keep(byte[] input, Random random) {
    if (pool.size() < corpus + KEPT) {
      pool.add(input);
    } else {
      pool.set(corpus + random.nextInt(KEPT), input);
    }
  }

  /** A new input, or an old one with bytes changed, cut, or joined with another's. */
  private byte[] change(Random random) {
    if (random.nextInt(4) == 0) {
      byte[] fresh = new byte[random.nextInt(LONGEST)];
      random.nextBytes(fresh);
      return fresh;
    }
    byte[] head = pool.get(random.nextInt(pool.size()));
    byte[] tail = pool.get(random.nextInt(pool.size()));
    int cut = random.nextInt(head.length + 1);
    int from = random.nextInt(tail.length + 1);
    byte[] input = new byte[Math.min(LONGEST, cut + tail.length - from)];
    System.arraycopy(head, 0, input, 0, Math.min(cut, input.length));
    if (input.length > cut) {
      System.arraycopy(tail, from, input, cut, input.length - cut);
    }
    for (int i = random.nextInt(6); i > 0 && input.length > 0; i--) {
      input[random.nextInt(input.length)] = (byte) random.nextInt(256);
    }
    return input;
  }
}
