package dev.outboard.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The {@link ConnectedArm}s in a process of their own: a thousand guests and their sidecar take
 * most of the descriptors that one process may have open.
 */
final class ConnectedProcess {
  private static final String READY = "ready";

  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter requests;

  /** Starts it; there may be one in a directory. */
  ConnectedProcess(Path directory) throws IOException {
    process = Child.start(ConnectedProcess.class, directory.toString());
    answers = process.inputReader(StandardCharsets.UTF_8);
    requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
  }

  /** An arm in that process; the last one to be closed ends it. */
  Arm arm(int guests) throws IOException {
    if (!ask(guests).equals(READY)) {
      throw new IOException("unexpected answer");
    }
    return new Arm() {
      @Override
      public List<String> steps() {
        return ConnectedArm.STEPS;
      }

      @Override
      public long[] sample() throws IOException {
        return Arrays.stream(ask(guests).split(" ", -1)).mapToLong(Long::parseLong).toArray();
      }

      @Override
      public void close() {
        Child.end(process);
      }
    };
  }

  private String ask(int guests) throws IOException {
    requests.println(guests);
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the process of connected guests has ended");
    }
    return answer;
  }

  /** The process: each line names an arm, which is made or sampled. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(Child.wordsAfterBirth(args)[0]);
    Map<String, ConnectedArm> arms = new HashMap<>();
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String size = requests.readLine(); size != null; size = requests.readLine()) {
      ConnectedArm arm = arms.get(size);
      if (arm == null) {
        arms.put(size, new ConnectedArm(directory.resolve(size), Integer.parseInt(size)));
        System.out.println(READY);
      } else {
        System.out.println(
            Arrays.stream(arm.sample()).mapToObj(Long::toString).collect(Collectors.joining(" ")));
      }
    }
  }
}
