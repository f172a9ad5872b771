"""Two integrators of the neurons' differential equations that know nothing of their closed forms.

They judge the reference (:mod:`naive`): Taylor series in multiprecision, good for 24 digits, and SciPy's
DOP853 as an implementation by others, good for about 12. Both integrate the QIF neuron as ``V`` where it is
small and as ``r = 1 / V`` where it is large, so that a spike is a plain zero of ``r``.
"""

from __future__ import annotations

from scipy.integrate import solve_ivp

from naive.neurons import mp

ORDER = 30


def _series(model, inverse, value, current, tau):
    """Taylor coefficients of V (or 1 / V) around the present, from the differential equation alone."""
    x, i = [value], [current]
    square: list = []  # of x
    for n in range(ORDER):
        square.append(sum(x[k] * x[n - k] for k in range(n + 1)))
        if model == "lif":
            change = i[n] - x[n]
        elif not inverse:
            change = square[n] - x[n] + i[n]
        else:
            change = x[n] - sum(i[k] * square[n - k] for k in range(n + 1)) - (1 if n == 0 else 0)
        x.append(change / (tau * (n + 1)))
        i.append(-2 * i[n] / (tau * (n + 1)))
    return x, i


def taylor_neuron(model, events, duration, tau=1, threshold=1, digits=40, tolerance="1e-32"):
    """One neuron driven by ``events`` (time, weight).

    Returns:
        Spike times, end potential and end current.
    """
    with mp.workdps(digits):
        tau, threshold, duration = mp.mpf(tau), mp.mpf(threshold), mp.mpf(duration)
        stops = sorted((mp.mpf(t), mp.mpf(w)) for t, w in events if t < duration)
        time, inverse, value, current, spikes = mp.mpf(0), False, mp.mpf(0), mp.mpf(0), []
        for stop, weight in [*stops, (duration, mp.mpf(0))]:
            while time < stop:
                x, i = _series(model, inverse, value, current, tau)
                reach = min(_reach(c, n, tolerance) for c in (x, i) for n in (ORDER - 1, ORDER))
                step = min(stop - time, tau / 10, reach)
                level = mp.mpf(0) if inverse else threshold
                spiking = inverse or model == "lif"
                down = -1 if inverse else 1
                crossing = _first_crossing(x, step, level, down) if spiking else None
                if crossing is not None:
                    step = crossing
                value, current = _value(x, step), _value(i, step)
                time = stop if crossing is None and step == stop - time else time + step
                if crossing is not None:
                    spikes.append(time)
                    value = mp.mpf(0)  # LIF: reset; QIF: 1 / V goes on through 0
                if model == "qif" and abs(value) > (1 if inverse else 2):
                    inverse, value = not inverse, 1 / value
            current += weight
        return spikes, 1 / value if inverse else value, current


def _value(coefficients, step):
    total = mp.mpf(0)
    for coefficient in reversed(coefficients):
        total = total * step + coefficient
    return total


def _reach(coefficients, n, tolerance):
    size = abs(coefficients[n])
    return mp.mpf("0.8") * (mp.mpf(tolerance) / size) ** (mp.mpf(1) / n) if size else mp.inf


def _first_crossing(x, step, level, direction):
    """First passage of the polynomial through the level in the given direction within (0, step], or None."""

    def distance(h):
        return direction * (_value(x, h) - level)

    points = [step * k / 8 for k in range(9)]
    values = [distance(h) for h in points]
    for k in range(8):
        if values[k] < 0 <= values[k + 1]:
            low, high = points[k], points[k + 1]
            for _ in range(140):
                middle = (low + high) / 2
                low, high = (low, middle) if distance(middle) >= 0 else (middle, high)
            return high
    return None


def scipy_neuron(model, events, duration, tau=1.0, threshold=1.0):
    """As :func:`taylor_neuron`, by SciPy's DOP853 in double precision."""

    def flow(inverse):
        def derivative(_, y):
            x, i = y
            if model == "lif":
                change = i - x
            elif inverse:
                change = x - 1.0 - i * x * x
            else:
                change = x * x - x + i
            return [change / tau, -2.0 * i / tau]

        return derivative

    def event(level, direction):
        def distance(_, y):
            return y[0] - level

        distance.terminal, distance.direction = True, direction
        return distance

    state, time, inverse, spikes = [0.0, 0.0], 0.0, False, []
    for stop, weight in [*sorted((t, w) for t, w in events if t < duration), (duration, 0.0)]:
        while time < stop:
            if model == "lif":
                events_here = [event(threshold, 1.0)]
            elif inverse:
                events_here = [event(0.0, -1.0), event(1.0, 1.0), event(-1.0, -1.0)]
            else:
                events_here = [event(2.0, 1.0), event(-2.0, -1.0)]
            solution = solve_ivp(
                flow(inverse),
                (time, stop),
                state,
                method="DOP853",
                rtol=1e-13,
                atol=1e-15,
                events=events_here,
            )
            time, state = float(solution.t[-1]), [float(y) for y in solution.y[:, -1]]
            if solution.status == 1:
                which = next(k for k, found in enumerate(solution.t_events) if len(found))
                if which == 0 and (model == "lif" or inverse):
                    spikes.append(time)
                    state[0] = 0.0 if model == "lif" else -1e-300
                else:
                    state[0], inverse = 1.0 / state[0], not inverse
        state[1] += weight
    return spikes, 1.0 / state[0] if inverse else state[0], state[1]
