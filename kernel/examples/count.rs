use _kernel::tokenizer::{Split, Tokenizer};
use _kernel::vocabulary::Vocabulary;
fn cpu() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let data = std::fs::read(&a[1]).unwrap();
    let t0 = cpu();
    let t = Tokenizer::new(Vocabulary::unpack(&data).unwrap(), Split::new(&a[2]).unwrap(), a[2].starts_with("qwen"));
    let load = (cpu() - t0) * 1e3;
    let s = std::fs::read_to_string(&a[3]).unwrap();
    let n: usize = a[4].parse().unwrap();
    let mut v = vec![];
    let mut c = 0;
    for _ in 0..n {
        let t0 = cpu();
        c = t.count(&s).unwrap();
        v.push(s.len() as f64 / 1e6 / (cpu() - t0));
    }
    let first = v[0];
    v.sort_by(f64::total_cmp);
    println!("{c} load {load:.1} ms, first {first:.0}, warm median {:.0} best {:.0} MB/s", v[n / 2], v[n - 1]);
}
