package dev.outboard.bench.pool;

import java.util.SplittableRandom;

/**
 * Requests as the functions of a host would make them, shaped like the Azure Functions trace of
 * 2019. The trace itself is not here; these of its published statistics are matched (Shahrad et
 * al., "Serverless in the Wild", ATC 2020, section 3):
 *
 * <ul>
 *   <li>mean rates: log-normal through two points of figure 5, 45 % of applications at most once an
 *       hour, 81 % at most once a minute; cut off at what one host may have of one function
 *   <li>15.6 % of the functions fire by timers, most of them once a minute or less, all on the
 *       minute, so that they coincide
 *   <li>inter-arrival times: coefficient of variation above 1 for 40 % of all, 0 for timers, else
 *       1: gamma renewals
 *   <li>half of the load is constant, half follows the day
 *   <li>mean durations: log-normal, log mean -0.38, sigma 2.36, cut off at 300 s
 * </ul>
 */
final class AzureTrace {
  private static final double DAY = 86_400;
  private static final double RATE_LOG10_MEAN = 1.603;
  private static final double RATE_LOG10_SIGMA = 1.772;
  private static final double TIMERS = 0.156;
  private static final double BURSTY = 0.40;
  private static final double[] PERIODS = {60, 300, 300, 900, 3600};
  private static final double TIMER_JITTER = 0.05;
  private static final double LOG_MEAN = -0.38;
  private static final double SIGMA = 2.36;
  private static final double LONGEST = 300;
  private static final double OWN_SIGMA = 0.5;
  private static final double DEPTH = 1.0 / 3;

  private final SplittableRandom random;
  private final double seconds;
  private final Trace.Builder builder = new Trace.Builder();

  private AzureTrace(long seed, double seconds) {
    random = new SplittableRandom(seed);
    this.seconds = seconds;
  }

  /**
   * Makes one.
   *
   * @param fastest the highest mean rate of a function, per second
   */
  static Trace make(String name, int functions, double hours, double fastest, long seed) {
    AzureTrace trace = new AzureTrace(seed, hours * 3600);
    for (int i = 0; i < functions; i++) {
      trace.function(fastest);
    }
    String about = "%d functions like Azure's, %.0f hours".formatted(functions, hours);
    return trace.builder.build(name, about, trace.seconds);
  }

  private void function(double fastest) {
    double mean = Math.min(LONGEST, Math.exp(LOG_MEAN + SIGMA * random.nextGaussian()));
    double log10 = RATE_LOG10_MEAN + RATE_LOG10_SIGMA * random.nextGaussian();
    double rate = Math.min(fastest, Math.pow(10, log10) / DAY);
    double kind = random.nextDouble();
    if (kind < TIMERS) {
      double period = PERIODS[random.nextInt(PERIODS.length)];
      for (double at = period; at < seconds; at += period) {
        request(at + TIMER_JITTER * random.nextDouble(), mean);
      }
    } else {
      double variation = kind < TIMERS + BURSTY ? 1 + 1.5 * -Math.log(1 - random.nextDouble()) : 1;
      renewals(rate, 1 / (variation * variation), mean);
    }
  }

  /** Arrivals with gamma gaps of this shape, in a time that runs faster by day. */
  private void renewals(double rate, double shape, double mean) {
    double served = Draws.gamma(random, shape) / shape * random.nextDouble();
    double at = 0;
    while (at < seconds) {
      double now = rate * (1 + DEPTH * Math.sin(2 * Math.PI * at / DAY));
      at += served / now;
      request(at, mean);
      served = Draws.gamma(random, shape) / shape;
    }
  }

  private void request(double at, double mean) {
    double own = Math.exp(OWN_SIGMA * random.nextGaussian() - OWN_SIGMA * OWN_SIGMA / 2);
    builder.add(at, mean * own, seconds);
  }
}
