use _kernel::bins::*;
use std::collections::BTreeMap;
use std::time::Instant;
struct R(u64);
impl R {
    fn n(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E3779B97F4A7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D049BB133111EB);
        z ^ (z >> 31)
    }
    fn u(&mut self) -> f64 {
        (self.n() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn norm(&mut self) -> f64 {
        (-2.0 * (1.0 - self.u()).ln()).sqrt() * (2.0 * std::f64::consts::PI * self.u()).cos()
    }
}
fn main() {
    let cases: Vec<(&str, usize, u64, Box<dyn Fn(&mut R) -> f64>)> = vec![
        (
            "ln200k s.5",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (0.5 * r.norm()).exp()),
        ),
        (
            "ln200k s.8",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (0.8 * r.norm()).exp()),
        ),
        (
            "ln200k s1",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (1.0 * r.norm()).exp()),
        ),
        (
            "ln200k s1.2",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (1.2 * r.norm()).exp()),
        ),
        (
            "ln200k s1.5",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (1.5 * r.norm()).exp()),
        ),
        (
            "ln200k s.3",
            100_000,
            1 << 20,
            Box::new(|r| 200e3 * (0.3 * r.norm()).exp()),
        ),
        (
            "ln300k s.8 1M",
            100_000,
            1_000_000,
            Box::new(|r| 300e3 * (0.8 * r.norm()).exp()),
        ),
        (
            "unif 0-1",
            100_000,
            1 << 20,
            Box::new(|r| 1048576.0 * r.u()),
        ),
        (
            "unif .1-.4",
            100_000,
            1 << 20,
            Box::new(|r| 1048576.0 * (0.1 + 0.3 * r.u())),
        ),
        (
            "unif .2-.5",
            100_000,
            1 << 20,
            Box::new(|r| 1048576.0 * (0.2 + 0.3 * r.u())),
        ),
        (
            "unif 100k-300k",
            100_000,
            1 << 20,
            Box::new(|r| 100e3 + 200e3 * r.u()),
        ),
        (
            "ln400 s1 8192",
            1_000_000,
            8192,
            Box::new(|r| 400.0 * (1.0 * r.norm()).exp()),
        ),
        (
            "ln400 s1.5 8192",
            1_000_000,
            8192,
            Box::new(|r| 400.0 * (1.5 * r.norm()).exp()),
        ),
        (
            "ln2000 s1 8192",
            1_000_000,
            8192,
            Box::new(|r| 2000.0 * (1.0 * r.norm()).exp()),
        ),
        (
            "ln1000 s.5 8192",
            1_000_000,
            8192,
            Box::new(|r| 1000.0 * (0.5 * r.norm()).exp()),
        ),
        (
            "ln400 s1 2048",
            1_000_000,
            2048,
            Box::new(|r| 400.0 * (1.0 * r.norm()).exp()),
        ),
        (
            "ln400 s1.2 1M",
            10_000_000,
            1 << 20,
            Box::new(|r| 400.0 * (1.2 * r.norm()).exp()),
        ),
        (
            "ln400 s1.2 1M",
            1_000_000,
            1 << 20,
            Box::new(|r| 400.0 * (1.2 * r.norm()).exp()),
        ),
        (
            "ln200k s.8 10M",
            100_000,
            10_000_000,
            Box::new(|r| 200e3 * (0.8 * r.norm()).exp()),
        ),
        (
            "ln200k s.8 n=1M",
            1_000_000,
            1 << 20,
            Box::new(|r| 200e3 * (0.8 * r.norm()).exp()),
        ),
        (
            "ln200k s.8 n=3k",
            3_000,
            1 << 20,
            Box::new(|r| 200e3 * (0.8 * r.norm()).exp()),
        ),
    ];
    for (name, n, w, f) in cases {
        let mut r = R(7);
        let mut h: BTreeMap<u64, u64> = BTreeMap::new();
        for _ in 0..n {
            let mut l = (f(&mut r) as u64).max(1);
            while l > w {
                *h.entry(w).or_default() += 1;
                l -= w;
            }
            if l > 0 {
                *h.entry(l).or_default() += 1;
            }
        }
        let h = Histogram {
            sizes: h.keys().copied().collect(),
            counts: h.values().copied().collect(),
        };
        let b = lower_bound(&h, w, u64::MAX);
        print!("{name:16} classes {:7} bound {b:7}", h.sizes.len());
        let t = Instant::now();
        let p = best_fit(&h, w, u64::MAX);
        print!(
            "  bfd +{} {:.3}s nodes {}",
            p.bins() - b,
            t.elapsed().as_secs_f64(),
            p.nodes.len()
        );
        for o in [Order::Balanced, Order::Spread] {
            let t = Instant::now();
            let p = fill(&h, w, u64::MAX, o);
            print!(
                "  {o:?} +{} {:.3}s",
                p.bins() - b,
                t.elapsed().as_secs_f64()
            );
        }
        println!();
    }
}
