// toys SEED EVENTS FILE: writes invariant masses of toy events, one a line, in GeV: a falling background and a resonance.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

int main(int count, char **words) {
    if (count != 4) {
        std::cerr << "usage: toys SEED EVENTS FILE\n";
        return 2;
    }
    const int events = std::atoi(words[2]);
    if (events <= 0) {
        std::cerr << "toys: EVENTS must be positive, not " << words[2] << "\n";
        return 3;
    }
    std::mt19937 random(std::atoi(words[1]));
    std::exponential_distribution<double> background(1 / 40.0);
    std::normal_distribution<double> resonance(125, 2);
    std::bernoulli_distribution isSignal(0.2);
    std::ofstream file(words[3]);
    for (int i = 0; i < events; i++) {
        const double mass = isSignal(random) ? resonance(random) : 100 + background(random);
        file << mass << "\n";
    }
    std::cout << "wrote " << events << " toy events\n";
    file.close();
    return file ? 0 : 74;
}
